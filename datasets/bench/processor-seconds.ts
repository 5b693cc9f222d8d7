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
