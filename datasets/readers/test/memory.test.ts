import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { lackey } from "../memory/lackey.ts";
import { openRows } from "./open-rows.ts";

const lackeyText = `==4242== Lackey, an example Valgrind tool
==4242== Command: true
I  04001000,3
 S 1ffeffefe8,8
I  04001003,5
 L 1ffeffefe8,8
 M 0421b2a4,4
I  04001008,1
`;

conforms(lackey, {
  "with valgrind's own lines": { content: lackeyText, rows: 7, openRows: 2 },
  "with short addresses": { content: " L 10,1\n M 20,1\n L 22,1\n S 18,1\n", rows: 5, openRows: 2, lossless: false },
});

describe("lackey's text", () => {
  const folder = temporaryFolder();

  it("has these references", async () => {
    const rows = await openRows(folder.write("lackey.txt", `${lackeyText}==4242== Exit code:       0\n`));
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["fetch", 0x4001000n, 3, "fetch"],
      ["write", 0x1ffeffefe8n, 8, "store"],
      ["fetch", 0x4001003n, 5, "fetch"],
      ["read", 0x1ffeffefe8n, 8, "load"],
      ["read", 0x421b2a4n, 4, "modify"],
      ["write", 0x421b2a4n, 4, "modify"],
      ["fetch", 0x4001008n, 1, "fetch"],
    ]);
  });

  it.skipIf(!tool("valgrind", ["--version"]))("is what valgrind writes", async () => {
    const log = folder.path("true.lackey");
    const { status } = spawnSync("valgrind", ["--tool=lackey", "--trace-mem=yes", `--log-file=${log}`, "true"]);
    expect(status).toBe(0);
    const rows = await openRows(log);
    const lines = readFileSync(log, "latin1").split("\n");
    const count = (start: string) => lines.filter((line) => line.startsWith(start)).length;
    const kinds = (kind: string) => rows.filter((row) => row["kind"] === kind).length;
    expect(kinds("fetch")).toBe(count("I "));
    expect(kinds("read")).toBe(count(" L") + count(" M"));
    expect(kinds("write")).toBe(count(" S") + count(" M"));
    expect(rows.length).toBeGreaterThan(50_000);
  });
});
