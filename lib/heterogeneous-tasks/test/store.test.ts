import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Device } from "../device.ts";
import {
  fft,
  fillStore,
  graph,
  javascript,
  map,
  openStore,
  relocatable,
  run,
  sink,
  source,
  startPlaced,
  type Store,
  task,
  value,
  webAssembly,
} from "../index.ts";
import { adapter } from "./adapter.ts";

const gpu = await adapter();

let folder = "";
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-store-"));
  store = await openStore(join(folder, "artifacts"));
});
afterEach(async () => rm(folder, { recursive: true }));

/** A device, and how often it generated a program. */
const counting = (of: Device = javascript): Device & { generated: number } => {
  const device = {
    ...of,
    generated: 0,
    programs: {
      ...of.programs!,
      generate: (...given: Parameters<NonNullable<Device["programs"]>["generate"]>) => {
        device.generated++;
        return of.programs!.generate(...given);
      },
    },
  };
  return device;
};

const transform = graph(
  source("f32")
    .to(relocatable(fft(8)))
    .to(sink("f32")),
);
const input = Array.from({ length: 64 }, (_, at) => Math.fround(Math.sin(at)));
const fileOf = async (): Promise<string> => join(store.folder, (await readdir(store.folder))[0]!);

const through = async (device: Device, iterations = 2): Promise<readonly number[]> => {
  const places = [{ from: 1, to: 4, device: device.label }];
  const running = await startPlaced(transform, { devices: [device], places, store, iterations });
  const output = await running.put(input);
  await running.finish();
  return [...output];
};

describe("a store of artifacts", () => {
  it("keeps a program, which is loaded again without being generated, and gives the same", async () => {
    const device = counting();
    expect(await through(device)).toEqual([...run(transform, input)]);
    expect(await through(device)).toEqual([...run(transform, input)]);
    expect(device.generated).toBe(1);
    const [manifest] = await store.list();
    expect(manifest).toMatchObject({
      ...{ version: 2, device: "javascript", tasks: ["order", "combine 2", "combine 4", "combine 8"] },
      entry: { input: "f32", takes: 16, output: "f32", gives: 16, iterations: 2 },
    });
    expect(await fileOf()).toContain(manifest!.id);
  });

  it("keeps WebAssembly's modules, each for its number of threads", async () => {
    const [one, two] = [counting(webAssembly({ threads: 1 })), counting(webAssembly({ threads: 2 }))];
    for (const device of [one, two, one, two]) expect(await through(device)).toEqual([...run(transform, input)]);
    expect([one.generated, two.generated]).toEqual([1, 1]);
    expect((await store.list()).map(({ settings }) => settings).sort()).toEqual([
      "1 threads, vectors",
      "2 threads, vectors",
    ]);
  });

  it.skipIf(gpu === undefined)("keeps WebGPU's programs", async () => {
    const device = counting(gpu);
    for (let round = 0; round < 2; round++) expect(await through(device)).toEqual([...run(transform, input)]);
    expect(device.generated).toBe(1);
  });

  it("has an artifact for each region and device, and says why not", async () => {
    const device = counting();
    const refusing: Device = {
      ...javascript,
      label: "small",
      refusal: ({ nodes }) => (nodes.length > 3 ? "more than one task" : undefined),
    };
    const { candidates, exclusions } = await fillStore(store, transform, {
      devices: [device, refusing],
      iterations: 2,
    });
    // Ten runs of four tasks, four of which are one task.
    expect(candidates.length).toBe(10 + 4);
    expect(exclusions.length).toBe(6);
    expect(exclusions[0]).toEqual({ from: 1, to: 2, device: "small", reason: "more than one task" });
    expect((await store.list()).length).toBe(14);
    await through(device);
    expect(device.generated).toBe(10);
  });

  it("knows programs by what they compute, not by names; another tree, value, rate or batch is another", async () => {
    const first = (label: string, factor: number, by: number) =>
      graph(
        source("f32")
          .to(
            relocatable(
              task(
                { label, input: "f32", takes: by, gives: by, values: { factor: value("f32", [factor, 1]) } },
                (x, y, { factor }) => {
                  y[0] = x[0]! * factor[0]!;
                },
              ),
            ),
          )
          .to(sink("f32")),
      );
    const device = counting();
    const fill = async (of: Parameters<typeof fillStore>[1], iterations = 4): Promise<number> => {
      await fillStore(store, of, { devices: [device], iterations });
      return (await store.list()).length;
    };
    expect(await fill(first("a", 2, 1))).toBe(1);
    expect(await fill(first("another name", 2, 1))).toBe(1);
    expect(await fill(first("a", 3, 1))).toBe(2);
    expect(await fill(first("a", 2, 2))).toBe(3);
    expect(await fill(first("a", 2, 1), 8)).toBe(4);
    const signed = (zero: string) =>
      graph(
        source("f32")
          .to(
            relocatable(
              map(
                { label: "zero", input: "f32" },
                Object.assign((x: number) => x, { toString: () => `(x) => x + ${zero}` }),
              ),
            ),
          )
          .to(sink("f32")),
      );
    expect(await fill(signed("0"))).toBe(5);
    expect(await fill(signed("(-0)"))).toBe(6);
  });

  it("refuses a damaged artifact, one of another version, one in the place of another", async () => {
    const device = counting();
    await through(device);
    const file = await fileOf();
    const good = await readFile(file);
    const refused = async (bytes: Uint8Array, message: string): Promise<void> => {
      await writeFile(file, bytes);
      await expect(through(device)).rejects.toThrow(message);
      await expect(store.list()).rejects.toThrow(message);
    };
    for (const at of [good.length - 1, good.length - 100]) {
      const flipped = Uint8Array.from(good);
      flipped[at]! ^= 1;
      await refused(flipped, "expected that of the artifact's bytes, got");
    }
    await refused(good.subarray(0, good.length - 7), "bytes, got");
    await refused(new Uint8Array(0), 'field "manifest": expected a manifest in the first line');
    await refused(good.subarray(5), 'field "manifest": expected a manifest in the first line');
    const text = good.toString("utf8");
    await refused(
      Buffer.from(text.replace('"version":2', '"version":3')),
      'field "version": expected version 2, got 3',
    );
    await refused(Buffer.from(text.replace(/"id":"./, '"id":"x')), 'field "id": expected ');
    await refused(Buffer.from(text.replace(/"takes":(\d+)/, '"takes":1$1')), 'field "hash": expected ');
    await writeFile(file, good);
    await appendFile(file, "x");
    await expect(through(device)).rejects.toThrow("bytes, got");
    await writeFile(file, good);
    expect(await through(device)).toEqual([...run(transform, input)]);
    expect(device.generated).toBe(1);
  });
});
