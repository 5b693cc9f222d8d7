import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { elfCode } from "../images/elf-code.ts";
import { elfFile, pageOf } from "./elf-file.ts";
import { openRows } from "./open-rows.ts";

const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest().readBigUInt64BE(0);

/** GNU's note of a build. */
const buildNote = new Uint8Array(
  Buffer.concat([new Uint8Array(Uint32Array.of(4, 4, 3).buffer), Buffer.from("GNU\0"), Buffer.from("c0ffee00", "hex")]),
);
const code = new Uint8Array(Buffer.concat([pageOf("first"), pageOf("second").subarray(0, 100)]));

const program = elfFile({
  type: 3,
  segments: [
    { type: 4, content: buildNote },
    { type: 1, virtual: 0x400000, content: pageOf("data") },
    { type: 1, flags: 5, virtual: 0x403000, content: code },
  ],
});
const small = elfFile({
  type: 2,
  bits: 32,
  segments: [{ type: 1, flags: 5, virtual: 0x8048123, content: pageOf("within").subarray(0, 4000) }],
  start: 4096 + 0x123,
});

conforms(elfCode, {
  "a library with a build's id": { content: program, rows: 2 },
  "a program of 32 bits without one": { content: small, rows: 2 },
});

describe("a program's code", () => {
  const folder = temporaryFolder();

  it("has these pages", async () => {
    const rows = await openRows(folder.write("lib.so", program));
    const last = new Uint8Array(4096);
    last.set(code.subarray(4096));
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["lib.so", 3, sha1(pageOf("first")), 4096, "c0ffee00"],
      ["lib.so", 4, sha1(last), 100, "c0ffee00"],
    ]);
  });

  it("has the file's other bytes in a page that a segment begins or ends in", async () => {
    const rows = await openRows(folder.write("small", small));
    const [one, two] = [small.slice(4096, 8192), new Uint8Array(4096)];
    two.set(small.subarray(8192));
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["small", 0, sha1(one), 4096 - 0x123, null],
      ["small", 1, sha1(two), 4000 - (4096 - 0x123), null],
    ]);
  });

  it("that is cut, or cannot be mapped, is refused with the place", async () => {
    const cut = folder.write("cut", program.subarray(0, program.length - 1));
    await expect(openRows(cut)).rejects.toThrow(
      `cut, offset ${program.length - 100}: expected 100 more bytes of code, got 99 at the end`,
    );
    expect(await openRows(cut, { skipBad: 1 })).toHaveLength(1);
    const odd = elfFile({ type: 2, segments: [{ type: 1, flags: 5, virtual: 0x400010, content: code }] });
    await expect(openRows(folder.write("odd", odd))).rejects.toThrow(
      'odd, offset 4096, field "p_vaddr": expected a segment that can be mapped in pages of 4096 bytes, got one at 0x400010',
    );
  });

  it.skipIf(!tool("readelf", ["--version"], "binutils"))("of a real program is where readelf says", async () => {
    const path = process.execPath;
    const readelf = (option: string) => spawnSync("readelf", [option, path], { encoding: "utf8" }).stdout;
    const loads = [...readelf("-lW").matchAll(/^ +LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+) 0x\w+ ([RWE ]{3})/gm)].map(
      ([, offset, virtual, size, flags]) => ({
        offset: Number(offset),
        virtual: Number(virtual),
        size: Number(size),
        flags,
      }),
    );
    const first = Math.min(...loads.map(({ virtual }) => Math.floor(virtual / 4096)));
    const pages = loads
      .filter(({ flags }) => flags!.includes("E"))
      .flatMap(({ offset, virtual, size }) => {
        const start = Math.floor(offset / 4096);
        const count = Math.ceil((offset + size) / 4096) - start;
        return Array.from({ length: count }, (_, at) => [Math.floor(virtual / 4096) + at - first, start + at] as const);
      });
    const rows = await openRows(path);
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.map((row) => row["addressPage"])).toEqual(pages.map(([address]) => address));
    const image = readFileSync(path);
    for (const at of [0, 1, rows.length >> 1, rows.length - 1]) {
      const content = new Uint8Array(4096);
      content.set(image.subarray(pages[at]![1] * 4096, (pages[at]![1] + 1) * 4096));
      expect(rows[at]!["hash"]).toBe(sha1(content));
    }
    const id = /Build ID: ([\da-f]+)/.exec(readelf("-n"))?.[1];
    expect(rows[0]!["buildId"]).toBe(id ?? null);
  });
});
