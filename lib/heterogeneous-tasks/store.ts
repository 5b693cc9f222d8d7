import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { TraceFormatError } from "../core/errors.ts";
import { writeAtomically } from "../../datasets/write/atomic.ts";
import { pieceOf } from "./cut.ts";
import type { Device, Loaded } from "./device.ts";
import { type Flat, flatOf, type Graph } from "./graph.ts";
import { javascript } from "./javascript.ts";
import { iterationsOf, type RunOptions } from "./run.ts";
import { type Candidates, candidatesOf } from "./substitute.ts";
import type { Elements, ElementType } from "./value.ts";

/** Counts up when what devices generate, or an artifact's form, changes. */
const VERSION = 2;

/**
 * What an artifact says of itself.
 *
 * @example
 * ```ts
 * import type { Manifest } from "veelab/heterogeneous-tasks";
 * const sizes = (all: readonly Manifest[]): number => all.reduce((sum, { programBytes }) => sum + programBytes, 0);
 * console.log(sizes([])); // 0
 * ```
 */
export interface Manifest {
  /** The form's version. */
  readonly version: number;
  /** A hash of what the program depends on: the tasks' trees and values, rates, edges, the device with its settings, the size of batches. Names are not in it. */
  readonly id: string;
  /** The device's label. */
  readonly device: string;
  /** What the program depends on besides, as the device says it. */
  readonly settings: string;
  /** The tasks' labels, in their order. */
  readonly tasks: readonly string[];
  /** How it is called: what an iteration takes and gives. */
  readonly entry: {
    /** The type of the elements that it takes. */
    readonly input: ElementType;
    /** Elements that an iteration takes. */
    readonly takes: number;
    /** The type of the elements that it gives. */
    readonly output: ElementType;
    /** Elements that an iteration gives. */
    readonly gives: number;
    /** Iterations of a batch at most. */
    readonly iterations: number;
  };
  /** The program's size, bytes. */
  readonly programBytes: number;
  /** SHA-256 of the manifest's other fields, as JSON, and of the program behind them. */
  readonly hash: string;
}

/**
 * A folder of artifacts: generated programs with their manifests, one a file.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openStore, type Store } from "veelab/heterogeneous-tasks";
 * const store: Store = await openStore(await mkdtemp(join(tmpdir(), "artifacts-")));
 * console.log((await store.list()).length); // 0
 * ```
 */
export interface Store {
  /** Where it is. */
  readonly folder: string;
  /** The manifests of all artifacts, by id. Throws a TraceFormatError for a damaged one. */
  readonly list: () => Promise<readonly Manifest[]>;
}

/**
 * Opens a store of artifacts, making its folder where there is none.
 *
 * @example
 * ```ts
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openStore } from "veelab/heterogeneous-tasks";
 * console.log((await openStore(join(tmpdir(), "veelab-artifacts"))).folder.endsWith("veelab-artifacts")); // true
 * ```
 */
export async function openStore(folder: string): Promise<Store> {
  await mkdir(folder, { recursive: true });
  return {
    folder,
    list: async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort();
      return Promise.all(names.map(async (name) => (await readArtifact(join(folder, name))).manifest));
    },
  };
}

/**
 * Generates the programs of all regions of a graph for all devices that can run them and whose programs can be kept. What is there already stays.
 *
 * @returns what devices can run, and why not
 * @throws OptionError as `candidatesOf` does; TraceFormatError for a damaged artifact
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { fillStore, graph, javascript, map, openStore, relocatable, sink, source } from "veelab/heterogeneous-tasks";
 * const store = await openStore(await mkdtemp(join(tmpdir(), "artifacts-")));
 * const twice = relocatable(map({ label: "twice", input: "i32" }, (x) => 2 * x));
 * await fillStore(store, graph(source("i32").to(twice).to(sink("i32"))), { devices: [javascript] });
 * console.log((await store.list())[0]?.tasks); // [ "twice" ]
 * ```
 */
export async function fillStore(
  store: Store,
  graph: Graph,
  options: RunOptions & { readonly devices: readonly Device[] },
): Promise<Candidates> {
  const flat = flatOf(graph);
  const iterations = iterationsOf(flat, javascript, options.iterations);
  const found = candidatesOf(graph, options.devices);
  for (const { from, to, device: label } of found.candidates) {
    const piece = pieceOf(flat, { from, to, device: label });
    const device = options.devices.find((one) => one.label === label)!;
    if (device.programs !== undefined) await kept(store, device, piece.flat, piece.times * iterations);
  }
  return found;
}

/** Loads a graph from its artifact, which is made and kept first where there is none. */
export async function loadKept(
  store: Store,
  device: Device,
  flat: Flat,
  iterations: number,
  state: readonly Elements[],
): Promise<Loaded> {
  const program = device.programs === undefined ? undefined : await kept(store, device, flat, iterations);
  return device.load(flat, iterations, state, program);
}

const ENDING = ".artifact";

async function kept(store: Store, device: Device, flat: Flat, iterations: number): Promise<Uint8Array> {
  const { settings, generate } = device.programs!;
  const id = idOf(device.label, settings, flat, iterations);
  const file = join(store.folder, id + ENDING);
  const old = await readArtifact(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (old !== undefined) return old.program;
  const program = generate(flat, iterations);
  const [first, last] = [flat.edges[flat.nodes[0]!.outputs[0]!]!, flat.edges[flat.nodes.at(-1)!.inputs[0]!]!];
  const manifest = {
    ...{ version: VERSION, id, device: device.label, settings },
    tasks: flat.nodes.filter(({ kind }) => kind === "task").map(({ label }) => label),
    entry: {
      ...{ input: first.type, takes: flat.firings[0]!, output: last.type, gives: flat.firings.at(-1)!, iterations },
    },
    programBytes: program.length,
  };
  await writeAtomically(file, async (handle) => {
    await handle.writeFile(`${JSON.stringify({ ...manifest, hash: hashOf(manifest, program) })}\n`);
    await handle.writeFile(program);
  });
  return program;
}

/** A manifest is the first line; the program is the rest. */
async function readArtifact(file: string): Promise<{ readonly manifest: Manifest; readonly program: Uint8Array }> {
  const bytes = await readFile(file);
  const end = bytes.indexOf(10);
  const manifest = manifestOf(bytes.toString("utf8", 0, Math.max(0, end)));
  if (manifest === undefined)
    throw new TraceFormatError({ file, field: "manifest" }, "expected a manifest in the first line");
  if (manifest.version !== VERSION)
    throw new TraceFormatError({ file, field: "version" }, `expected version ${VERSION}, got ${manifest.version}`);
  const id = basename(file, ENDING);
  if (manifest.id !== id) throw new TraceFormatError({ file, field: "id" }, `expected ${id}, got ${manifest.id}`);
  const program = bytes.subarray(end + 1);
  if (program.length !== manifest.programBytes)
    throw new TraceFormatError(
      { file, field: "program" },
      `expected ${manifest.programBytes} bytes, got ${program.length}`,
    );
  const { hash, ...rest } = manifest;
  if (hashOf(rest, program) !== hash)
    throw new TraceFormatError({ file, field: "hash" }, `expected that of the artifact's bytes, got ${hash}`);
  return { manifest, program };
}

function manifestOf(text: string): Manifest | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && "version" in read ? (read as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** What a program depends on. Minus zero and what is not finite are no JSON. */
function idOf(label: string, settings: string, { nodes, edges, firings }: Flat, iterations: number): string {
  const parts = {
    ...{ version: VERSION, label, settings, iterations, firings },
    nodes: nodes.map(({ kind, task, duplicate, inputs, outputs }) => ({
      ...{ kind, duplicate, inputs, outputs },
      task: task && {
        ...task,
        arrays: [...task.arrays].map(([name, { type, elements }]) => [name, type, ...elements()]),
      },
    })),
    edges: edges.map(({ start, ...edge }) => ({ ...edge, initial: start.length })),
  };
  const text = JSON.stringify(parts, (_, value: unknown) =>
    typeof value === "number" && (Object.is(value, -0) || !Number.isFinite(value))
      ? [value === 0 ? "-0" : String(value)]
      : value,
  );
  return sha256(new TextEncoder().encode(text));
}

const hashOf = (manifest: Omit<Manifest, "hash">, program: Uint8Array): string =>
  sha256(new TextEncoder().encode(JSON.stringify(manifest)), program);

function sha256(...parts: readonly Uint8Array[]): string {
  return parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
}
