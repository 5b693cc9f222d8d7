import { expect, it } from "vitest";
import { toRows } from "../../core/table.ts";
import {
  binaryTranslation,
  codeOf,
  costs2011,
  costsToday,
  guestWide,
  hostOnly,
  native,
  profile,
  program,
  systemWide,
} from "../index.ts";

it("a real profile under all profilers gives the rows that it gave, to twelve digits", async () => {
  const { code, shares } = await codeOf("profile/qemu");
  const plain = shares.findIndex((_, at) => code[at]!.stack.endsWith("tcg_gen_code"));
  const rows: unknown[] = [];
  const rounded = (row: object): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]: [string, unknown]) => [
        key,
        typeof value === "number" ? Number(value.toPrecision(12)) : value,
      ]),
    );
  for (const profiler of [
    native(),
    guestWide({ accounting: "CPU switch" }),
    guestWide({ accounting: "CPU switch", registers: "trapped" }),
    guestWide({ accounting: "domain switch" }),
    systemWide(),
    systemWide({ delivery: "next entry" }),
    systemWide({ delegate: false }),
    hostOnly(),
    binaryTranslation(),
  ])
    for (const costs of [costs2011, costsToday]) {
      const exits = [
        { reason: 5, perMegacycle: 3, code: plain },
        { reason: 7, perMegacycle: 0.5 },
      ];
      const vcpus = [1, 2, 3].map((seed) => program({ shares, segments: 5000, exits, seed }));
      const counters = [
        { event: "cycles", period: 300_007, jitter: 0.2 },
        { event: "cycles", period: 500_009 },
        { event: "cycles" },
      ];
      const { row, functions } = await profile([{ label: "qemu", code, vcpus }], {
        ...{ profiler, costs, counters, pcpus: 2, sliceMs: 1, hardwareCounters: 2, rotateMs: 0.5, skidCycles: 200 },
      });
      const top = toRows(functions)
        .filter(({ samples }) => Number(samples) > 30)
        .map(({ name, owner, samples }) => `${String(owner)} ${String(name)} ${String(samples)}`)
        .join("; ");
      rows.push({ ...rounded(row), top });
    }
  await expect(`${JSON.stringify(rows, undefined, 2)}\n`).toMatchFileSnapshot("golden/qemu.json");
});
