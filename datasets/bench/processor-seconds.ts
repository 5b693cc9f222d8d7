/** How many rounds a benchmark measures. */
export const rounds = 5;

/** The middle one of an odd number of values. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const since = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** The processor time that something takes which does not wait, s. */
export function timed(round: () => unknown): number {
  const before = process.cpuUsage();
  round();
  return since(before);
}

/** Median processor time of some rounds, s, after one that warms up, or as many as are said. */
export async function processorSeconds(round: () => unknown, warm = 1): Promise<number> {
  const seconds: number[] = [];
  for (let done = 0; done < warm + rounds; done += 1) {
    const before = process.cpuUsage();
    await round();
    if (done >= warm) seconds.push(since(before));
  }
  return median(seconds);
}

/** Processor time of ours and of a peer's, s, medians, and the median of the peer's over ours: above 1, ours is faster. */
export interface InTurns {
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
}

/** One measurement: gives its processor time, s. */
export type Round = () => number | Promise<number>;

/**
 * Ours and a peer in turns, after a round of ours that warms up: what else the machine does meanwhile slows both, and
 * their ratio moves little.
 */
export async function inTurns(ours: Round, peer: Round): Promise<InTurns> {
  await ours();
  const own: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await ours());
    other.push(await peer());
  }
  return {
    ours: median(own),
    peer: median(other),
    ratio: median(own.map((seconds, round) => other[round]! / seconds)),
  };
}
