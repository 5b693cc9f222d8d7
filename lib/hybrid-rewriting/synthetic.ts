import { OptionError } from "../core/errors.ts";
import { fraction, integer, onlyOptions } from "../core/options.ts";
import { random } from "../core/random.ts";
import { type ExecutionBatch, executionEvents as events } from "./execution.ts";

/**
 * What {@link syntheticExecution} makes.
 *
 * @example
 * ```ts
 * import type { SyntheticOptions } from "veelab/hybrid-rewriting";
 * const alone: SyntheticOptions = { threads: 1, sections: 10 };
 * console.log(alone.threads);
 * ```
 */
export interface SyntheticOptions {
  /** Threads, 1 to 1024. */
  readonly threads: number;
  /** Critical sections of each thread. */
  readonly sections: number;
  /** Locks, of which each section takes one at random; 1 unless given. */
  readonly locks?: number;
  /** Places in the code from which a lock is taken; 1 unless given. */
  readonly sites?: number;
  /** Blocks that every section executes; 6 unless given. */
  readonly hotBlocks?: number;
  /** Blocks that a section executes now and then; 0 unless given. */
  readonly rareBlocks?: number;
  /** With which probability; 0.01 unless given. */
  readonly rareProbability?: number;
  /** Instructions of a block; 8 unless given. */
  readonly blockInstructions?: number;
  /** Accesses of a block, each by an instruction of its own; 3 unless given. */
  readonly blockAccesses?: number;
  /** Blocks between two sections of a thread; 10 unless given. */
  readonly outsideBlocks?: number;
  /** The share of instructions that access the thread's stack, relative to the stack pointer; 0.4 unless given. */
  readonly stackShare?: number;
  /** The share that access the thread's own heap; 0.3 unless given. What is left of both accesses what the lock protects. */
  readonly privateShare?: number;
  /** With which probability an instruction of the second kind accesses what the lock protects all the same; 0 unless given. */
  readonly strayProbability?: number;
  /** The share of writes; 0.3 unless given. */
  readonly writeShare?: number;
  /** Words of 8 bytes that each lock protects, accessed at random; 4096 unless given. */
  readonly sharedWords?: number;
  /** Words of each thread's own heap; 1024 unless given. */
  readonly privateWords?: number;
  /** Equal seeds and options give equal executions; 1 unless given. */
  readonly seed?: number | string;
  /** Draws the accesses and rare blocks anew for the same code; 0 unless given. */
  readonly run?: number;
}

/**
 * An execution of a program that does not exist.
 *
 * @example
 * ```ts
 * import { syntheticExecution, type SyntheticExecution } from "veelab/hybrid-rewriting";
 * const program: SyntheticExecution = syntheticExecution({ threads: 2, sections: 3 });
 * console.log(program.blocks.length); // 6
 * ```
 */
export interface SyntheticExecution {
  /** The events from the beginning; can be asked for more than once. */
  readonly batches: () => Generator<ExecutionBatch, void>;
  /** Starts of the blocks within critical sections. */
  readonly blocks: readonly number[];
  /** The instructions that are relative to the stack. */
  readonly stackRelative: readonly number[];
}

const names = [
  ...["threads", "sections", "locks", "sites", "hotBlocks", "rareBlocks", "rareProbability", "blockInstructions"],
  ...["blockAccesses", "outsideBlocks", "stackShare", "privateShare", "strayProbability", "writeShare"],
  ...["sharedWords", "privateWords", "seed", "run"],
];
const mostRows = 65_536;
const blockBytes = 1024;
const codeStart = 0x400000;
const outsideStart = 0x600000;
const callStart = 0x800000;
const lockStart = 0xa00000;
const sharedStart = 0x1_0000_0000;
const privateStart = 0x100_0000_0000;
const stackStart = 0x7f00_0000_0000;
const most = 2 ** 20;

/**
 * A seeded execution: threads that take turns, each computing and then executing a critical section of blocks whose instructions access the
 * stack, the thread's own heap, or what the lock protects. Constant time an event, memory for a batch.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { syntheticExecution } from "veelab/hybrid-rewriting";
 * const [batch] = syntheticExecution({ threads: 2, sections: 3, seed: 7 }).batches();
 * console.log(batch?.event.filter((event) => event === 3).length); // 6
 * ```
 */
export function syntheticExecution(options: SyntheticOptions): SyntheticExecution {
  onlyOptions(options, names);
  const threads = integer("threads", options.threads, { min: 1, max: 1024 });
  const sections = integer("sections", options.sections, { min: 1 });
  const locks = integer("locks", options.locks ?? 1, { min: 1, max: 4096 });
  const sites = integer("sites", options.sites ?? 1, { min: 1, max: 4096 });
  const hot = integer("hotBlocks", options.hotBlocks ?? 6, { min: 1, max: 1024 });
  const rare = integer("rareBlocks", options.rareBlocks ?? 0, { min: 0, max: 1024 });
  const rareProbability = fraction("rareProbability", options.rareProbability ?? 0.01);
  const instructions = integer("blockInstructions", options.blockInstructions ?? 8, { min: 1, max: 65_535 });
  const accesses = integer("blockAccesses", options.blockAccesses ?? 3, { min: 0, max: 255 });
  const gap = integer("outsideBlocks", options.outsideBlocks ?? 10, { min: 0 });
  const stackShare = fraction("stackShare", options.stackShare ?? 0.4);
  const privateShare = fraction("privateShare", options.privateShare ?? 0.3);
  if (stackShare + privateShare > 1)
    throw new OptionError("privateShare", "at most what stackShare leaves", privateShare);
  const stray = fraction("strayProbability", options.strayProbability ?? 0);
  const writeShare = fraction("writeShare", options.writeShare ?? 0.3);
  const sharedWords = integer("sharedWords", options.sharedWords ?? 4096, { min: 1, max: most });
  const privateWords = integer("privateWords", options.privateWords ?? 1024, { min: 1, max: most });
  const seeded = random(options.seed ?? 1);
  const run = integer("run", options.run ?? 0, { min: 0 });

  const mostEvents = threads * (1 + sections * (gap + 2 + (hot + rare) * (1 + accesses)));
  const batchRows = Math.min(mostRows, mostEvents);

  // The code: of each instruction that accesses memory what it accesses (0 stack, 1 own heap, 2 shared) and whether it writes.
  const slots = (hot + rare) * accesses;
  const kinds = new Uint8Array(slots);
  const writes = new Uint8Array(slots);
  const codeStream = seeded.split("code");
  for (let slot = 0; slot < slots; slot++) {
    const draw = codeStream.float();
    kinds[slot] = draw < stackShare ? 0 : draw < stackShare + privateShare ? 1 : 2;
    writes[slot] = codeStream.float() < writeShare ? 1 : 0;
  }
  const startOf = (block: number): number => codeStart + block * blockBytes;
  const pcOf = (slot: number): number => startOf(Math.floor(slot / accesses)) + 4 * ((slot % accesses) + 1);

  return {
    blocks: Array.from({ length: hot + rare }, (_, block) => startOf(block)),
    stackRelative: Array.from({ length: slots }, (_, slot) => slot)
      .filter((slot) => kinds[slot] === 0)
      .map(pcOf),
    *batches() {
      const { int, float } = seeded.split("run").split(run);
      const emptyBatch = () => ({
        thread: new Uint16Array(batchRows),
        event: new Uint8Array(batchRows),
        pc: new Float64Array(batchRows),
        address: new Float64Array(batchRows),
        size: new Uint16Array(batchRows),
      });
      let batch = emptyBatch();
      let rows = 0;
      const add = (thread: number, event: number, pc: number, address: number, size: number): void => {
        batch.thread[rows] = thread;
        batch.event[rows] = event;
        batch.pc[rows] = pc;
        batch.address[rows] = address;
        batch.size[rows++] = size;
      };
      const section = function* (thread: number): Generator<ExecutionBatch, void> {
        for (let block = 0; block < gap; block++) {
          add(thread, events.block, outsideStart + block * blockBytes, 0, instructions);
          if (rows === batchRows) yield take();
        }
        const lock = int(locks);
        const call = callStart + 16 * int(sites);
        add(thread, events.lock, call, lockStart + 64 * lock, 0);
        if (rows === batchRows) yield take();
        for (let block = 0; block < hot + rare; block++) {
          if (block >= hot && float() >= rareProbability) continue;
          add(thread, events.block, startOf(block), 0, instructions);
          if (rows === batchRows) yield take();
          for (let slot = block * accesses; slot < (block + 1) * accesses; slot++) {
            const kind = kinds[slot] === 1 && stray > 0 && float() < stray ? 2 : kinds[slot];
            const address =
              kind === 0
                ? stackStart + thread * 2 ** 20 + 8 * (slot % 64)
                : kind === 1
                  ? privateStart + thread * 2 ** 24 + 8 * int(privateWords)
                  : sharedStart + lock * 2 ** 24 + 8 * int(sharedWords);
            add(thread, writes[slot] === 1 ? events.write : events.read, pcOf(slot), address, 8);
            if (rows === batchRows) yield take();
          }
        }
        add(thread, events.unlock, call + 8, lockStart + 64 * lock, 0);
        if (rows === batchRows) yield take();
      };
      const take = (): ExecutionBatch => {
        const full = batch;
        const count = rows;
        batch = emptyBatch();
        rows = 0;
        return {
          thread: full.thread.subarray(0, count),
          event: full.event.subarray(0, count),
          pc: full.pc.subarray(0, count),
          address: full.address.subarray(0, count),
          size: full.size.subarray(0, count),
        };
      };
      for (let thread = 1; thread < threads; thread++) add(0, events.create, outsideStart - 16, thread, 0);
      for (let round = 0; round < sections; round++)
        for (let thread = 0; thread < threads; thread++) yield* section(thread);
      if (rows > 0) yield take();
    },
  };
}
