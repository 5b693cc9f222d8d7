import { spawnSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Table } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import { captureExecution, open } from "../../../datasets/index.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { tool } from "../../../kernel/test/tool.ts";
import {
  activeRun,
  bytesOf,
  countExecution,
  decodeProgram,
  type Execution,
  openPic,
  patchProgram,
  type PassiveCounts,
  type Pic,
  type ProgramImage,
  readCounts,
  readImage,
} from "../index.ts";

const folder = temporaryFolder();
/** Whether a program for x86-64 and Linux runs here. */
const native = process.platform === "linux" && process.arch === "x64";
const compiler = tool("cc", ["--version"], "gcc libc6-dev");
const able = tool("qemu-x86_64", ["--version"], "qemu-user") && compiler;

let kernels: ProgramImage;
beforeAll(async () => {
  kernels = await readImage(bytesOf(await open("executions/kernels")), "kernels");
});

async function program(name: string, bytes: Uint8Array): Promise<string> {
  const path = folder.path(name);
  await writeFile(path, bytes);
  await chmod(path, 0o755);
  return path;
}

/** Runs a program as it is and patched; gives both outputs and what was counted. */
async function passive(
  image: ProgramImage,
  pic: Pic,
  args: readonly string[],
): Promise<{
  outputs: [plain: string, patched: string];
  counted: PassiveCounts;
  calls: number[];
  refusals: readonly string[];
}> {
  const counts = folder.path("counts");
  const patched = patchProgram(image, pic, { counts });
  await writeFile(counts, new Uint8Array(patched.countsBytes));
  const files = [await program("plain", image.bytes), await program("patched", patched.bytes)] as const;
  const [before, after] = files.map((file) => spawnSync(file, args, { encoding: "utf8", timeout: 20_000 }));
  const outcome = ({ status, signal, stdout }: typeof before & object): string => `${status} ${signal} ${stdout}`;
  return {
    outputs: [outcome(before!), outcome(after!)],
    counted: readCounts(pic, await readFile(counts)),
    calls: patched.sections.map(({ call }) => call),
    refusals: patched.refusals,
  };
}

/** Instructions that only access what is not the program's: stacks, of which no thread shows the others anything. */
function onStacksOnly(execution: Table): ReadonlySet<number> {
  const [event, pc, address] = ["event", "pc", "address"].map(
    (name) => execution.getChild(name)!.toArray() as Float64Array,
  ) as [Float64Array, Float64Array, Float64Array];
  const [outside, inside] = [new Set<number>(), new Set<number>()];
  for (let row = 0; row < event.length; row += 1)
    if (event[row] === 1 || event[row] === 2) (address[row]! > kernels.memoryEnd ? outside : inside).add(pc[row]!);
  return new Set([...outside].filter((one) => !inside.has(one)));
}

describe.skipIf(!native)("a passive run, natively", { timeout: 60_000 }, () => {
  it.each([
    ["transfers", "600", 2400],
    ["clusters", "250", 1000],
  ])("%s with four threads: counts and addresses are the recorded execution's", async (name, operations, sections) => {
    const path = folder.path(`${name}.pic`);
    const execution = await open(`executions/${name}`);
    await activeRun(kernels, execution, path, { privatePcs: onStacksOnly(execution) });
    const pic = await openPic(path, kernels);
    const { outputs, counted, calls } = await passive(kernels, pic, [name, "4", operations, "1"]);
    expect(outputs[1]).toBe(outputs[0]);
    expect(counted).toMatchObject({ sections, misses: 0 });
    expect(counted.accesses.length).toBeGreaterThanOrEqual(4);
    // Who comes first differs between the two runs; what is done, and where, does not.
    expect(counted).toEqual(await countExecution(pic, execution, calls));
  });

  it("with a cache that lacks a block, its misses are counted and the result is the same", async () => {
    const path = folder.path("part.pic");
    const execution = await open("executions/transfers");
    await activeRun(kernels, execution, path);
    const pic = await openPic(path, kernels);
    const move = kernels.functions.find(({ name }) => name === "move")!;
    const part = { ...pic, blocks: new Map([...pic.blocks].filter(([start]) => start !== move.start)) };
    const { outputs, counted, calls } = await passive(kernels, part, ["transfers", "4", "600", "1"]);
    expect(outputs[1]).toBe(outputs[0]);
    const recorded = await countExecution(part, execution, calls);
    expect(counted).toEqual(recorded);
    expect(counted.misses).toBe(2363);
  });

  it("of a file with more than it loads, as debug information is", async () => {
    const bytes = Buffer.alloc(kernels.bytes.length + 5 * 2 ** 20);
    bytes.set(kernels.bytes);
    const large = await readImage(bytes, "large");
    const execution = await open("executions/transfers");
    const path = folder.path("large.pic");
    await activeRun(large, execution, path, { privatePcs: onStacksOnly(execution) });
    const pic = await openPic(path, large);
    const { outputs, counted, calls } = await passive(large, pic, ["transfers", "4", "600", "1"]);
    expect(outputs[1]).toBe(outputs[0]);
    expect(counted).toEqual(await countExecution(pic, execution, calls));
  });

  it("without the file of its counts it ends at once, with status 125", async () => {
    const path = folder.path("absent.pic");
    await activeRun(kernels, await open("executions/transfers"), path);
    const { bytes } = patchProgram(kernels, await openPic(path, kernels), { counts: folder.path("absent") });
    const { status, stdout } = spawnSync(await program("absent-program", bytes), ["transfers", "1", "1", "1"]);
    expect([status, stdout.length]).toEqual([125, 0]);
  });

  it.skipIf(!compiler)("registers, flags and the red zone are as they were", async () => {
    const source = join(import.meta.dirname, "keeps-state.c");
    const flags = ["-O1", "-static", "-no-pie", "-pthread", "-fno-optimize-sibling-calls", "-mno-red-zone"];
    expect(spawnSync("cc", [...flags, "-o", folder.path("keeps-state"), source]).status).toBe(0);
    const image = await readImage(await readFile(folder.path("keeps-state")), "keeps-state");
    const section = image.functions.find(({ name }) => name === "section")!;
    const starts = decodeProgram(image)
      .blocks.map(({ start }) => start)
      .filter((start) => start >= section.start && start < section.end);
    const ran: Execution = [
      {
        thread: new Uint16Array(starts.length + 1),
        event: Uint8Array.of(3, ...starts.map(() => 0)),
        pc: Float64Array.of(0, ...starts),
        address: new Float64Array(starts.length + 1),
        size: new Uint16Array(starts.length + 1),
      },
    ];
    const path = folder.path("keeps-state.pic");
    await activeRun(image, ran, path);
    const { outputs, counted } = await passive(image, await openPic(path, image), []);
    expect(outputs).toEqual(["0 null ", "0 null "]);
    // A load, a store, and an addition that reads and writes, a thousand times each.
    expect(counted.sections).toBe(1000);
    expect(counted.accesses.map(({ write, count }) => [write, count])).toEqual([
      [false, 1000],
      [true, 1000],
      [false, 1000],
      [true, 1000],
    ]);
  });

  it.skipIf(!able)("reservations and packets with one thread, recorded here and now", async () => {
    const plain = await program("kernels", kernels.bytes);
    for (const name of ["reservations", "packets"]) {
      const args = [name, "1", "300", "9"];
      const out = folder.path(`${name}.arrow`);
      await captureExecution({ program: plain, args, out });
      const path = folder.path(`${name}.pic`);
      const execution = await open(out);
      await activeRun(kernels, execution, path, { privatePcs: onStacksOnly(execution) });
      const pic = await openPic(path, kernels);
      const { outputs, counted, calls } = await passive(kernels, pic, args);
      expect(outputs[1]).toBe(outputs[0]);
      expect(counted).toEqual(await countExecution(pic, execution, calls));
      expect(counted.sections).toBe(name === "packets" ? 600 : 300);
    }
  });
});

describe.skipIf(!native || !able)("a program of one's own, linked with locks.c", { timeout: 60_000 }, () => {
  it("whose section ends in a jump to what unlocks: counts are those of its recording", async () => {
    await writeFile(
      folder.path("own.c"),
      `#include <pthread.h>
       static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
       static long sum;
       __attribute__((noinline)) static void add(long by) {
         pthread_mutex_lock(&mutex);
         sum += by;
         pthread_mutex_unlock(&mutex);
       }
       int main(void) {
         for (int by = 0; by < 10; by += 1) add(by);
         return sum == 45 ? 0 : 1;
       }`,
    );
    const wrap = "-Wl,--wrap=pthread_mutex_lock,--wrap=pthread_mutex_unlock";
    const locks = join(import.meta.dirname, "../../../datasets/capture/executions/locks.c");
    const [own, out, path] = [folder.path("own"), folder.path("own.arrow"), folder.path("own.pic")];
    const flags = ["-O2", "-static", "-no-pie", "-pthread", wrap];
    expect(spawnSync("cc", [...flags, "-o", own, folder.path("own.c"), locks]).status).toBe(0);
    const image = await readImage(await readFile(own), "own");
    await captureExecution({ program: own, args: [], out });
    const execution = await open(out);
    await activeRun(image, execution, path);
    const pic = await openPic(path, image);
    expect([...pic.blocks.values()].some(({ exits }) => exits[0]?.kind === "leave")).toBe(true);
    const { outputs, counted, calls } = await passive(image, pic, []);
    expect(outputs).toEqual(["0 null ", "0 null "]);
    expect(counted).toEqual(await countExecution(pic, execution, calls));
    expect(counted).toMatchObject({ sections: 10, misses: 0 });
  });
});

describe("a program or a section that cannot run from the cache is refused in one sentence", () => {
  it("one that is not linked at a fixed address, one whose cache is empty, a path that is relative", async () => {
    const path = folder.path("empty.pic");
    await activeRun(kernels, [], path);
    const pic = await openPic(path, kernels);
    expect(() => patchProgram({ ...kernels, fixed: false }, pic, { counts: "/c" })).toThrow(
      'kernels, offset 16, field "e_type": expected a program that is linked at a fixed address (2), got one that can be loaded anywhere (3)',
    );
    expect(() => patchProgram(kernels, pic, { counts: "/c" })).toThrow(
      "hybrid-rewriting: the section behind the call at 0x4017c4 does not run from the cache: no active run has seen it",
    );
    expect(() => patchProgram(kernels, pic, { counts: "c" })).toThrow('counts: expected an absolute path, got "c"');
    expect(() => patchProgram(kernels, pic, { counts: "/c", locks: ["spin_lock"] })).toThrow(
      'locks: expected names of functions that are linked into kernels, which critical sections are found by, got ["spin_lock"]',
    );
    expect(() => readCounts({ ...pic, links: 9 }, new Uint8Array(143))).toThrow(
      "bytes: expected a file of at least 144 bytes",
    );
  });

  it("a file that has grown by what it does not load since the cache was made", async () => {
    const path = folder.path("grown.pic");
    await activeRun(kernels, await open("executions/transfers"), path);
    const bytes = Buffer.alloc(kernels.bytes.length + 5 * 2 ** 20);
    bytes.set(kernels.bytes);
    const grown = await readImage(bytes, "grown");
    const pic = await openPic(path, grown);
    expect(() => patchProgram(grown, pic, { counts: "/c" })).toThrow(
      /^hybrid-rewriting: grown has \d{7} bytes more than it loads, and the stubs behind them do not fit before the cache at 0x600000: strip its debug information \(strip --strip-debug\), or make the cache anew of this file$/,
    );
  });

  it("sections of the C library that are entered without the mutex, too", async () => {
    const path = folder.path("library.pic");
    await activeRun(kernels, await open("executions/transfers"), path);
    const { refusals, sections } = patchProgram(kernels, await openPic(path, kernels), { counts: "/c" });
    expect(sections).toHaveLength(2);
    expect(refusals.filter((one) => !one.endsWith("no active run has seen it"))).toEqual([
      expect.stringMatching(/: it is also entered from 0x[\da-f]+, without its mutex$/),
      expect.stringMatching(/: it is also entered from 0x[\da-f]+, without its mutex$/),
    ]);
  });
});
