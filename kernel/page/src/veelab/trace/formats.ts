/** Files that are no traces, by their names; what any other file holds the dataset readers find out from its content. */
const others =
  /^\.|\.(ipynb|md|[cm]?[jt]sx?|py|json|html?|css|png|jpe?g|gif|svg|webp|pdf|ya?ml|toml|lock|sh|c|h|xlsx?|docx?|exe)$/iu;

/** A compression's ending, and behind it the format's. */
const endings = /(\.[a-z]\w{0,11})?(\.(gz|zst|lz4|xz|zip))?$/iu;

export const formatNames =
  "CSV, Arrow, Parquet, or what blkparse, fio, perf, valgrind, QEMU, tcpdump and others write; also compressed";

/** Whether a file may be a trace. */
export function isTrace(name: string): boolean {
  return !others.test(name);
}

/** A trace's name without its endings. */
export function stemOf(name: string): string {
  const stem = name.replace(endings, "");
  return stem === "" ? name : stem;
}
