/** A program that is captured, and where its trace goes. */
export interface ProgramOptions {
  /** The program, by path or by a name on the search path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The trace's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** What the trace's provenance says of the program's version. */
  readonly programVersion?: string;
  /** The program's environment; ours when not given. The stack's addresses depend on its size. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The program's working folder; ours when not given. */
  readonly folder?: string;
  /** Where the program's own output goes; to ours when not given. */
  readonly programOutput?: "inherit" | "ignore";
  /** Ends the program; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}
