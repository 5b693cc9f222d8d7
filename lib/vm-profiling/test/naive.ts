import type { Code, ExitReason, Segment } from "../index.ts";

/** Counts from the segments, without a machine: what each virtual CPU executes, and what the VMM does for it. */
export function naiveCounts(
  programs: readonly (readonly Segment[])[],
  code: readonly Code[],
  reasons: readonly ExitReason[],
  roundTripCycles: number,
  rounds: number,
): { guestCycles: number; guestMisses: number; vmmCycles: number; vmmMisses: number } {
  const misses = ({ perKilocycle }: Code): number => Math.round((perKilocycle!["misses"]! / 1000) * 2 ** 16) / 2 ** 16;
  const counts = { guestCycles: 0, guestMisses: 0, vmmCycles: 0, vmmMisses: 0 };
  for (const program of programs)
    for (let round = 0; round < rounds; round += 1)
      for (const segment of program) {
        counts.guestCycles += segment.cycles;
        counts.guestMisses += segment.cycles * misses(code[segment.code]!);
        const reason = reasons[(segment.exit ?? 0) - 1];
        if (reason === undefined) continue;
        counts.vmmCycles += roundTripCycles + reason.handlingNs; // at 1 GHz
        counts.vmmMisses += reason.handlingNs * misses(reason);
      }
  return counts;
}
