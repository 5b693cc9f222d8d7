/** Where a thread's cycles go; the place of each in a {@link Float64Array}. */
export const parts = {
  compute: 0,
  dispatch: 1,
  translation: 2,
  tracking: 3,
  begin: 4,
  barrier: 5,
  commit: 6,
  miss: 7,
  lock: 8,
  aborted: 9,
  waiting: 10,
} as const;

/** How many parts there are. */
export const partCount = 11;

/** What is counted inside critical sections, behind the parts; of an aborted attempt nothing is. */
export const counters = {
  stackAccesses: 11,
  privateAccesses: 12,
  otherAccesses: 13,
  readBarriers: 14,
  writeBarriers: 15,
  removedByStack: 16,
  removedByTraining: 17,
  unsoundByStack: 18,
  unsoundByTraining: 19,
  blocks: 20,
  coveredBlocks: 21,
} as const;

/** Parts and counters. */
export const ledgerLength = 22;
