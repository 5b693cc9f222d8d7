import { median, rounds } from "../../datasets/bench/processor-seconds.ts";
import { figure } from "../../kernel/bench/figure.ts";

/** One measurement: gives its processor time, s. */
export type Round = () => number | Promise<number>;

/**
 * Tells the rate of ours beside its peers', which take turns after a round of ours that warms up: what else the machine does
 * meanwhile slows all of them, and their ratios move little. A peer's rate is ours over the median of the ratios; an undefined
 * peer is not there.
 */
export async function inTurns(
  what: string,
  [amount, unit]: readonly [number, string],
  ours: Round,
  peers: Readonly<Record<string, Round | undefined>>,
): Promise<void> {
  const there = Object.entries(peers).filter((peer): peer is [string, Round] => peer[1] !== undefined);
  const own: number[] = [];
  const ratios = there.map((): number[] => []);
  await ours();
  for (let round = 0; round < rounds; round++) {
    const seconds = await ours();
    own.push(seconds);
    for (const [at, [, peer]] of there.entries()) ratios[at]!.push((await peer()) / seconds);
  }
  const rate = amount / median(own);
  figure(what, rate, unit, {
    peers: Object.fromEntries(there.map(([name], at) => [name, rate / median(ratios[at]!)])),
  });
}
