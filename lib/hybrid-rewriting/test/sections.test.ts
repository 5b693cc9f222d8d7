import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { activeRun, decodeProgram, type Execution, openPic, patchProgram } from "../index.ts";
import { sectionsOf } from "../section-check.ts";
import { codeImage, codeStart } from "./elf-program.ts";

const folder = temporaryFolder();
let files = 0;

type Part = number | "lock" | "unlock" | "leaf";
const functions = ["leaf", "lock", "unlock"] as const;
const bytesOf = (part: Part): number => (typeof part === "number" ? 1 : 5);

/**
 * Patches a function of these bytes and calls; behind it stand a leaf with bytes of its own, and the functions that lock and unlock. Every block ran with the
 * mutex held, but for the leaf's and those behind where it did not. Gives the sections that run from the cache, or why none does.
 */
async function patched(
  body: readonly Part[],
  leaf: readonly number[] = [0xc3],
  leafRan = true,
): Promise<number[] | string> {
  const bodyBytes = body.reduce<number>((sum, part) => sum + bytesOf(part), 0);
  const starts = { leaf: bodyBytes, lock: bodyBytes + leaf.length, unlock: bodyBytes + leaf.length + 1 };
  const code: number[] = [];
  for (const part of body)
    if (typeof part === "number") code.push(part);
    else code.push(0xe8, ...Buffer.from(Int32Array.of(starts[part] - (code.length + 5)).buffer));
  code.push(...leaf, 0xc3, 0xc3);
  const ends = { leaf: starts.lock, lock: starts.unlock, unlock: code.length };
  const image = {
    ...(await codeImage(...code)),
    functions: [
      { name: "body", start: codeStart, end: codeStart + bodyBytes },
      ...functions.map((name) => ({ name, start: codeStart + starts[name], end: codeStart + ends[name] })),
    ],
  };
  const blocks = decodeProgram(image)
    .blocks.map(({ start }) => start)
    .filter((start) => leafRan || start < codeStart + bodyBytes);
  const ran: Execution = [
    {
      thread: new Uint16Array(blocks.length + 1),
      event: Uint8Array.of(3, ...blocks.map(() => 0)),
      pc: Float64Array.of(0, ...blocks),
      address: new Float64Array(blocks.length + 1),
      size: new Uint16Array(blocks.length + 1),
    },
  ];
  const path = folder.path(`${(files += 1)}.pic`);
  await activeRun(image, ran, path, { unlocks: ["unlock"] });
  const pic = await openPic(path, image);
  try {
    return patchProgram(image, pic, { counts: "/counts", locks: ["lock"], unlocks: ["unlock"] }).sections.map(
      ({ entry }) => entry - codeStart,
    );
  } catch (error) {
    return (error as Error).message.replace(/^.*does not run from the cache: /, "");
  }
}

const load = [0x48, 0x8b, 0x07]; // mov rax, [rdi]
const store = [0x48, 0x89, 0x06]; // mov [rsi], rax
const test = [0x85, 0xc0]; // test eax, eax

describe("sections by hand", () => {
  it.each([
    ["a load and a store", ["lock", ...load, ...store, "unlock", 0xc3], [5]],
    ["one that calls", ["lock", ...load, ...store, "leaf", "unlock", 0xc3], [5]],
    // 5: test, 7: load, 10: store, 13: jne 5, 15: unlock
    ["a loop back to its entry", ["lock", ...test, ...load, ...store, 0x75, 0xf6, "unlock", 0xc3], [5]],
    ["two of them", ["lock", ...load, ...store, "unlock", "lock", ...store, ...load, "unlock", 0xc3], [5, 21]],
  ] as const)("%s runs from the cache", async (_, body, entries) => {
    expect(await patched(body)).toEqual(entries);
  });

  it.each([
    // 5: je 10, 7: load, 10: unlock
    [
      "a first block that is too short",
      ["lock", 0x74, 0x03, ...load, "unlock", 0xc3],
      "its first block has fewer than 5 bytes",
    ],
    // 5: load, 8: store, 11: jne 8
    [
      "a jump into the patch",
      ["lock", ...load, ...store, 0x75, 0xfb, "unlock", 0xc3],
      "0x401008, inside of the patch, is jumped to",
    ],
    // 0: test, 2: je 9, 4: lock, 9: load
    [
      "an entry without the mutex",
      [...test, 0x74, 0x05, "lock", ...load, ...store, "unlock", 0xc3],
      "it is also entered from 0x401000, without its mutex",
    ],
    [
      "a return with the mutex held",
      ["lock", ...load, ...store, 0xc3],
      "the block at 0x401005 returns with the mutex held",
    ],
    [
      "a jump by a register",
      ["lock", ...load, ...store, 0xff, 0xe0],
      "the block at 0x401005 goes where a register says",
    ],
    [
      "a call by a register",
      ["lock", ...load, ...store, 0xff, 0xd0, "unlock", 0xc3],
      "the block at 0x401005 goes where a register says",
    ],
    // 0: test, 2: je 6, 4: jmp rax, 6: lock
    [
      "a computed jump elsewhere in the function",
      [...test, 0x74, 0x02, 0xff, 0xe0, "lock", ...load, ...store, "unlock", 0xc3],
      "body jumps where a register says, which could be into the patch",
    ],
  ] as const)("%s is refused", async (_, body, why) => {
    expect(await patched(body)).toBe(why);
  });

  it("of one with another mutex inside, the inner one runs from the cache", async () => {
    expect(await patched(["lock", ...load, ...store, "lock", ...load, ...store, "unlock", "unlock", 0xc3])).toEqual([
      16,
    ]);
  });

  it("stand where their call begins, also one of six bytes, as linkers write one that they have made direct", async () => {
    // addr32 call 0x401007, ret, ret
    const image = await codeImage(0x67, 0xe8, 1, 0, 0, 0, 0xc3, 0xc3);
    const program = decodeProgram({ ...image, functions: [{ name: "all", start: codeStart, end: codeStart + 8 }] });
    expect(sectionsOf(program, new Set([codeStart + 7]))).toEqual([{ call: codeStart, entry: codeStart + 6 }]);
  });

  it("a function that is called and lets the mutex go is refused", async () => {
    // The leaf calls unlock, which stands two bytes behind the call and its return.
    for (const ran of [true, false])
      expect(await patched(["lock", ...load, ...store, "leaf", "unlock", 0xc3], [0xe8, 0x02, 0, 0, 0, 0xc3], ran)).toBe(
        "a function that it calls lets the mutex go, at 0x401016",
      );
  });
});
