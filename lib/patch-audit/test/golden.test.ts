import { tableToIPC } from "apache-arrow";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { fromRows, toRows } from "../../core/index.ts";
import { audit, audit2011, auditToday, type CodeFile, database, generateEvents } from "../index.ts";

const path = fileURLToPath(new URL("golden/audits.arrow", import.meta.url));

/** Twelve files in two versions; hashes by a rule, some of them in several files. */
const known = database(
  Array.from({ length: 24 }, (_, at): CodeFile => {
    const file = at >> 1;
    const isOld = at % 2 === 0;
    return {
      package: `package-${file}`,
      version: isOld ? "1" : "2",
      release: isOld ? "old" : "new",
      file: `file-${file}`,
      addressPages: Array.from({ length: 6 + file }, (__, page) => page + 1),
      // The first third of the pages is in both versions, and each fifth page in all files.
      hashes: Array.from({ length: 6 + file }, (__, page) =>
        page % 5 === 4 ? BigInt(page) : BigInt(1000 * file + page + (page < 2 + file / 3 || !isOld ? 0 : 500)) << 8n,
      ),
    };
  }),
);

describe("a golden table", () => {
  it("audits of one generated guest, by column", async () => {
    const rows = [];
    for (const costs of [audit2011, auditToday])
      for (const rights of ["page", "space"] as const)
        for (const refreshS of [undefined, 0.5]) {
          const guest = {
            seed: "golden",
            spaces: 6,
            modulesPerSpace: 3,
            durationS: 4,
            eventsPerS: 2000,
            writeShare: 0.02,
          };
          const { row } = await audit(generateEvents(known, guest), known, {
            ...{ costs, rights },
            ...(refreshS === undefined ? {} : { refreshS }),
          });
          rows.push({ rights, refreshS: refreshS ?? null, ...row });
        }
    if (process.env["GOLDEN"] === "write") writeFileSync(path, tableToIPC(fromRows(rows), "file"));
    const golden = toRows(await open(path));
    for (const name of Object.keys(rows[0]!))
      expect(
        rows.map((row) => (row as Record<string, unknown>)[name]),
        name,
      ).toEqual(golden.map((row) => row[name]));
  });
});
