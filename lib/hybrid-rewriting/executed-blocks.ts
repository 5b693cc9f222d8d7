import { type Execution, executionBatches, executionEvents } from "./execution.ts";

/**
 * The blocks that an execution runs: their addresses, and the instructions of each as they were recorded. Linear; memory for the blocks.
 *
 * @throws TraceFormatError and OptionError as {@link executionBatches}
 *
 * @example
 * ```ts
 * import { open } from "veelab/datasets";
 * import { bytesOf, decodeProgram, executedBlocks, readImage } from "veelab/hybrid-rewriting";
 * const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
 * const ran = await executedBlocks(await open("executions/transfers"));
 * const program = decodeProgram(image, { entries: ran.keys(), follow: false });
 * console.log(program.blocks.every(({ start, instructions }) => ran.get(start) === instructions)); // true
 * ```
 */
export async function executedBlocks(execution: Execution): Promise<ReadonlyMap<number, number>> {
  const blocks = new Map<number, number>();
  for await (const { event, pc, size } of executionBatches(execution))
    for (let row = 0; row < event.length; row += 1)
      if (event[row] === executionEvents.block && !blocks.has(pc[row]!)) blocks.set(pc[row]!, size[row]!);
  return blocks;
}
