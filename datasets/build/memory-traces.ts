/** A memory trace that we ship: which program is run on which of `datasets/capture/inputs`. */
export interface MemoryTrace {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly program: string;
  readonly args: readonly string[];
  /** A command that prints the program's path, where it is not on the search path. */
  readonly locate?: readonly [command: string, args: readonly string[]];
  /** A command that prints its version. */
  readonly version: readonly [command: string, args: readonly string[]];
}

/** The memory traces that we ship. */
export const memoryTraces: readonly MemoryTrace[] = [
  {
    name: "gcc-cc1",
    title: "Memory references of gcc's compiler proper, cc1, compiling a C file",
    description:
      "User-level references of a whole run: a large code footprint and a heap that grows all the time, so many first touches.",
    program: "cc1",
    args: ["-quiet", "-O0", "sort-and-hash.c", "-o", "/dev/null"],
    locate: ["gcc", ["-print-prog-name=cc1"]],
    version: ["gcc", ["--version"]],
  },
  {
    name: "sqlite-join",
    title: "Memory references of sqlite3 joining two tables in memory",
    description:
      "User-level references of a whole run: small code, and lookups scattered over a heap of some thousand pages, so many TLB misses for few first touches.",
    program: "sqlite3",
    args: [":memory:", ".read join.sql"],
    version: ["sqlite3", ["--version"]],
  },
];
