import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { tableFromArrays } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import { isVeelabError, open } from "../../../datasets/index.ts";
import { elfFile } from "../../../datasets/readers/test/elf-file.ts";
import { bytesOf, decodeProgram, executedBlocks, readImage } from "../index.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { tool } from "../../../kernel/test/tool.ts";
import { codeFile } from "./elf-program.ts";

const folder = temporaryFolder();
const compiler = tool("cc", ["--version"], "gcc libc6-dev");

let bytes: Uint8Array;
beforeAll(async () => {
  bytes = bytesOf(await open("executions/kernels"));
});

/** The same file with other bytes at a place. */
function changed(at: number, ...by: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(by, at);
  return copy;
}

/** As `strip` leaves a program: without section headers. */
const stripped = (): Uint8Array => changed(40, ...new Array<number>(8).fill(0));

describe("an executable", () => {
  it("has its build id, its code, its entry and its functions by address", async () => {
    const image = await readImage(bytes, "kernels");
    expect(image).toMatchObject({ file: "kernels", fixed: true });
    expect(image.buildId).toMatch(/^[\da-f]{40}$/);
    expect(image.code).toHaveLength(1);
    const find = (name: string) => image.functions.find((one) => one.name === name)!;
    expect(image.entry).toBe(find("_start").start);
    expect(find("__wrap_pthread_mutex_lock").end - find("__wrap_pthread_mutex_lock").start).toBe(11);
    expect(image.functions).toEqual(
      [...image.functions].sort((a, b) => a.start - b.start || (a.name < b.name ? -1 : 1)),
    );
  });

  it("that is stripped has no functions, but what ran can be decoded, with the same blocks", async () => {
    const [whole, bare] = [await readImage(bytes, "kernels"), await readImage(stripped(), "bare")];
    expect(bare.functions).toEqual([]);
    const entries = (await executedBlocks(await open("executions/clusters"))).keys();
    const starts = [...entries];
    const [known, found] = [whole, bare].map(
      (image) => decodeProgram(image, { entries: starts, follow: false }).blocks,
    );
    expect(found!.map(({ start, end }) => [start, end])).toEqual(known!.map(({ start, end }) => [start, end]));
    // From its entry alone, what is called through a register is not found: main, and what main calls.
    const main = whole.functions.find(({ name }) => name === "main")!;
    const reached = (image: typeof whole) => decodeProgram(image).blocks.some(({ start }) => start === main.start);
    expect([reached(whole), reached(bare)]).toEqual([true, false]);
  });

  it.skipIf(!compiler)(
    "that can be loaded anywhere is read and decoded as it was linked; stripped, it names what it gives others",
    async () => {
      await writeFile(
        folder.path("add.c"),
        "int add(int *a) { return *a += 1; }\nint main(void) { int a = 0; return add(&a); }\n",
      );
      const made = async (name: string, ...flags: string[]) => {
        const args = ["-O1", "-fno-inline", ...flags, "-o", folder.path(name), folder.path("add.c")];
        expect(spawnSync("cc", args).status).toBe(0);
        return readImage(await readFile(folder.path(name)), name);
      };
      const anywhere = await made("anywhere", "-static-pie");
      expect(anywhere.fixed).toBe(false);
      const add = anywhere.functions.find(({ name }) => name === "add")!;
      const { blocks } = decodeProgram(anywhere);
      const [first] = blocks.filter(({ start }) => start === add.start);
      expect(first!.accesses.slice(0, 2).map(({ write, size }) => [write, size])).toContainEqual([false, 4]);
      expect(blocks.some(({ exits }) => exits[0]?.kind === "call" && exits[0].target === add.start)).toBe(true);
      const library = await made("add.so", "-shared", "-fPIC", "-s");
      expect(library.functions.map(({ name }) => name).sort()).toEqual(["add", "main"]);
    },
  );

  it("without a build id is told by a hash of the file", async () => {
    const [one, other] = [await readImage(codeFile([0xc3]), "one"), await readImage(codeFile([0x90]), "other")];
    expect(one.buildId).toMatch(/^[\da-f]{40}$/);
    expect(other.buildId).not.toBe(one.buildId);
  });
});

describe("what is no executable for x86-64 is refused in one sentence", () => {
  const refusal = (file: Uint8Array, message: string | RegExp) =>
    expect(readImage(file, "a.out")).rejects.toThrow(message);

  it("32 bits, another processor, an object file, a core", async () => {
    await refusal(
      elfFile({ type: 2, bits: 32, segments: [{ type: 1, flags: 5, content: Uint8Array.of(0xc3) }] }),
      'a.out, offset 4, field "class": expected 2 (64 bits), got 1 (32 bits)',
    );
    await refusal(changed(18, 183, 0), 'a.out, offset 18, field "e_machine": expected 62 (x86-64), got 183');
    await refusal(changed(16, 4, 0), 'a.out, offset 16, field "e_type": expected 2 or 3 (an executable), got 4');
    await refusal(Uint8Array.from(Buffer.from("#!/bin/sh\n")), 'a.out, offset 0, field "magic": expected an ELF file');
    await refusal(
      elfFile({ type: 2, segments: [{ type: 1, flags: 4, content: Uint8Array.of(0xc3) }] }),
      'a.out, offset 64, field "p_flags": expected a segment that may be executed, got none',
    );
    await expect(readImage("a.out" as never, "a.out")).rejects.toThrow('bytes: expected a Uint8Array, got "a.out"');
    expect(() => bytesOf(tableFromArrays({ other: Uint8Array.of(1) }))).toThrow(
      'table, field "byte": expected a Uint8 column, got the columns other',
    );
  });

  it("a file that is cut, wherever it is cut", async () => {
    await refusal(bytes.subarray(0, 100_000), 'a.out, offset 4096, field "p_filesz": expected 566177 bytes, got 95904');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        const error: unknown = await readImage(bytes.subarray(0, length), "a.out").catch((caught: unknown) => caught);
        // Behind the last segment stand sections, of which only the names of sections are not needed.
        expect(isVeelabError(error)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("a symbol whose name stands behind the table of names", async () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [table, count] = [Number(view.getBigUint64(40, true)), view.getUint16(60, true)];
    const sections = Array.from({ length: count }, (_, section) => table + 64 * section);
    const symbols = sections.find((at) => view.getUint32(at + 4, true) === 2)!;
    const [from, size] = [symbols + 24, symbols + 32].map((at) => Number(view.getBigUint64(at, true))) as [
      number,
      number,
    ];
    let function_ = from;
    while ((view.getUint8(function_ + 4) & 15) !== 2) function_ += 24;
    expect(function_).toBeLessThan(from + size);
    await refusal(
      changed(function_, 255, 255, 255, 255),
      /^a\.out, offset \d+, field "st_name": expected a place below \d+ in the table of names, got 4294967295$/,
    );
  });

  it("any byte of the headers changed gives an image or one sentence, nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(64 + 10 * 56 - 1), fc.nat(255), async (at, value) => {
        const outcome: unknown = await readImage(changed(at, value), "a.out").catch((caught: unknown) => caught);
        expect(isVeelabError(outcome) || (outcome as { file?: string }).file === "a.out").toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
