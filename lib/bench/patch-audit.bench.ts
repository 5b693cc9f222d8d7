// How fast the auditor runs on generated events, beside a plain implementation with maps and sets of strings in the same run. Millions of
// events a second of processor time, medians; both get the same batches and must count the same faults.
import { stream } from "../../datasets/index.ts";
import { audit, audit2011, generateEvents, readDatabase } from "../patch-audit/index.ts";
import { naiveAudit } from "../patch-audit/test/naive.ts";
import { figure } from "../../kernel/bench/figure.ts";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";

const known = await readDatabase(stream("packages/code-pages"));
for (const [name, writeShare, refreshS] of [
  ["code that stays", 0, undefined],
  ["refreshed every second", 0, 1],
  ["3 % written code", 0.03, undefined],
] as const) {
  const guest = { seed: 1, spaces: 50, modulesPerSpace: 8, durationS: 10, eventsPerS: 100_000, writeShare };
  const events = [...generateEvents(known, guest)];
  const options = { costs: audit2011, ...(refreshS === undefined ? {} : { refreshS }) };
  const { row } = await audit(events, known, options);
  const plain = naiveAudit(events, known, audit2011, refreshS);
  if (row.execFaults !== plain.execFaults || row.refreshFaults !== plain.refreshFaults)
    throw new Error(`${name}: ${row.execFaults} and ${plain.execFaults} faults`);
  const [ours, bySpace, naive] = [
    await processorSeconds(() => audit(events, known, options)),
    await processorSeconds(() => audit(events, known, { ...options, rights: "space" })),
    await processorSeconds(() => naiveAudit(events, known, audit2011, refreshS)),
  ];
  const rate = (seconds: number): number => row.events / seconds / 1e6;
  const peers = { "plain maps": rate(naive) };
  figure(name, rate(ours), "M events/s", { peers });
  figure(`${name}, rights of spaces`, rate(bySpace), "M events/s", { peers });
}
