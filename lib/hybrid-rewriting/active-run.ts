import { isVeelabError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { sectionBlocks } from "./coverage.ts";
import { BlockDecoder } from "./decode.ts";
import type { Execution } from "./execution.ts";
import { functionNames, startsOf } from "./function-names.ts";
import type { ProgramImage } from "./image.ts";
import { instrument, letsGo } from "./instrument.ts";
import { writingPic } from "./pic-file.ts";

/**
 * What an active run knows.
 *
 * @example
 * ```ts
 * import type { ActiveOptions } from "veelab/hybrid-rewriting";
 * const options: ActiveOptions = { privatePcs: new Set([0x401000]) };
 * console.log(options.privatePcs!.size);
 * ```
 */
export interface ActiveOptions {
  /** Names of the functions that unlock; pthread's when not given. */
  readonly unlocks?: readonly string[];
  /** Addresses of instructions that earlier runs found to access private data only; none when not given. */
  readonly privatePcs?: ReadonlySet<number>;
}

/**
 * What an active run did.
 *
 * @example
 * ```ts
 * import type { ActiveRow } from "veelab/hybrid-rewriting";
 * export const expansion = ({ codeBytes, originalBytes }: ActiveRow) => codeBytes / originalBytes;
 * ```
 */
export interface ActiveRow {
  /** Different blocks that ran inside of critical sections. */
  readonly blocks: number;
  /** Of these, translated and appended now; the others were in the cache, or could not be instrumented. */
  readonly appended: number;
  /** Blocks that could not be instrumented. */
  readonly refused: number;
  /** Instructions, bytes and instrumented code of what was appended. */
  readonly instructions: number;
  /** Bytes of the original blocks. */
  readonly originalBytes: number;
  /** Bytes of their code in the cache. */
  readonly codeBytes: number;
  /** Accesses that have a barrier. */
  readonly barriers: number;
  /** Accesses that have none, as they are private. */
  readonly privateAccesses: number;
}

/**
 * An active run: each block that an execution runs while its thread holds a mutex is decoded, instrumented and appended to the cache at
 * `path`, unless it is there. A new cache is made where there is none. Blocks that cannot be instrumented are left out, each with
 * its reason in `refusals`. Linear in the execution.
 *
 * @throws TraceFormatError for a cache of another build, or a block that is none; OptionError where the program has none of the functions that unlock
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { open } from "veelab/datasets";
 * import { activeRun, bytesOf, openPic, readImage } from "veelab/hybrid-rewriting";
 * const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 * const path = join(await mkdtemp(join(tmpdir(), "pic-")), "kernels.pic");
 * const { row } = await activeRun(image, await open("executions/transfers"), path);
 * console.log((await openPic(path, image)).blocks.size === row.appended); // true
 * ```
 */
export async function activeRun(
  image: ProgramImage,
  execution: Execution,
  path: string,
  options: ActiveOptions = {},
): Promise<{
  /** What it did. */
  readonly row: ActiveRow;
  /** Why blocks were left out, a sentence each. */
  readonly refusals: readonly string[];
}> {
  onlyOptions(options, ["unlocks", "privatePcs"]);
  const { privatePcs = new Set<number>() } = options;
  const unlocks = startsOf(image, "unlocks", options.unlocks ?? functionNames.unlocks);
  const starts = await sectionBlocks(execution);
  const decoder = new BlockDecoder(image);
  const refusals: string[] = [];
  const row = { appended: 0, instructions: 0, originalBytes: 0, codeBytes: 0, barriers: 0, privateAccesses: 0 };
  await writingPic(path, image, async (pic) => {
    for (const start of starts.keys()) {
      if (pic.has(start)) continue;
      const block = decoder.blockAt(start);
      const place = pic.next(letsGo(block, unlocks) ? 1 : block.exits.length, block.accesses.length);
      let cached;
      try {
        cached = instrument(image, block, { ...place, linkBase: pic.head.linkBase, unlocks, privatePcs });
      } catch (error) {
        if (!isVeelabError(error)) throw error;
        refusals.push(error.message);
        continue;
      }
      await pic.append(cached);
      row.appended += 1;
      row.instructions += block.instructions;
      row.originalBytes += block.end - block.start;
      row.codeBytes += cached.code.length;
      for (const { link } of cached.accesses)
        if (link === undefined) row.privateAccesses += 1;
        else row.barriers += 1;
    }
  });
  return { row: { blocks: starts.size, refused: refusals.length, ...row }, refusals };
}
