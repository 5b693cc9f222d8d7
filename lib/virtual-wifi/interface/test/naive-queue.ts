// The processor as one would write it first: a list of what waits. Used by tests alone.

/** A part of work: when it comes, how long it takes, and those that follow it at once. */
export interface Job {
  readonly atNs: number;
  readonly owner: number;
  readonly what: number;
  readonly lengthNs: number;
  readonly then: readonly Omit<Job, "atNs" | "then">[];
}

/** When each part is over, in the order in which they are, and what they waited for, themselves included. */
export function naiveQueue(jobs: readonly Job[]): {
  over: { owner: number; what: number; atNs: number }[];
  sojournNs: number;
} {
  const over: { owner: number; what: number; atNs: number }[] = [];
  let freeNs = 0;
  let sojournNs = 0;
  // Stable: of equal times the first given comes first.
  for (const { atNs, owner, what, lengthNs, then } of [...jobs].sort((a, b) => a.atNs - b.atNs)) {
    freeNs = Math.max(freeNs, atNs) + lengthNs;
    sojournNs += freeNs - atNs;
    over.push({ owner, what, atNs: freeNs });
    for (const part of then) {
      freeNs += part.lengthNs;
      sojournNs += part.lengthNs;
      over.push({ owner: part.owner, what: part.what, atNs: freeNs });
    }
  }
  return { over, sojournNs };
}
