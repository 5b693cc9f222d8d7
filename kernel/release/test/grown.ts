import type { Sizes } from "../pack.mjs";

/** A part may grow by this much before that is to be agreed: by a twentieth, and small ones by 100 kB. */
const limit = (agreed: number): number => Math.max(1.05 * agreed, agreed + 100_000);

/** Says of each part that is larger than agreed, or new, how large it was and is. */
export function grown(agreed: Sizes, measured: Sizes): string[] {
  const parts = (
    what: string,
    before: Readonly<Record<string, number>>,
    now: Readonly<Record<string, number>>,
  ): string[] =>
    Object.entries(now)
      .filter(([name, bytes]) => !(name in before) || bytes > limit(before[name]!))
      .map(([name, bytes]) => `${what} ${name}: ${before[name] ?? 0} bytes agreed, ${bytes} now`);
  return [
    ...parts("the tarball", { "as a whole": agreed.packedBytes }, { "as a whole": measured.packedBytes }),
    ...parts("folder", agreed.unpackedBytes, measured.unpackedBytes),
    ...parts("dependency", agreed.dependencyBytes, measured.dependencyBytes),
  ];
}
