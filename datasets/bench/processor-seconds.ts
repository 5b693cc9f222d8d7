/** How many rounds a benchmark measures. */
export const rounds = 5;

/** The middle one of an odd number of values. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Median processor time of some rounds, s, after one that warms up, or as many as are said. */
export async function processorSeconds(round: () => unknown, warm = 1): Promise<number> {
  const seconds: number[] = [];
  for (let done = 0; done < warm + rounds; done += 1) {
    const before = process.cpuUsage();
    await round();
    const { user, system } = process.cpuUsage(before);
    if (done >= warm) seconds.push((user + system) / 1e6);
  }
  return median(seconds);
}
