const readable = /\.(csv|arrows?|feather|parquet)(\.gz)?$/iu;

/** What the file picker offers; gzip by its own ending, as pickers know no double ones. */
export const pickable = ".csv,.arrow,.arrows,.feather,.parquet,.gz";

export const formatNames = "CSV, Arrow (also Feather) or Parquet, each also as .gz";

/** Whether the dataset readers know a file, by its name: what it holds they find out themselves. */
export function isTrace(name: string): boolean {
  return readable.test(name);
}

/** A trace's name without its endings. */
export function stemOf(name: string): string {
  return name.replace(readable, "");
}
