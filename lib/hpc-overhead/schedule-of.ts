import { checkProgram, type Program } from "./program.ts";
import { type Schedule, scheduleBuilder } from "./schedule.ts";

/**
 * The schedule of a bulk-synchronous program: each node's sends one after another, then its receives in any order, then its next
 * step. Memory is linear in iterations × (nodes + messages).
 *
 * @throws OptionError for a program out of range
 *
 * @example
 * ```ts
 * import { allreduce, computation, scheduleOf } from "veelab/hpc-overhead";
 * const program = { label: "BSP", nodes: 4, iterations: 1, steps: [computation(100), ...allreduce(4, 8)] };
 * console.log(scheduleOf(program).rank.length); // 20: for each of 4 nodes a computation, two sends and two receives
 * ```
 */
export function scheduleOf(program: Program): Schedule {
  checkProgram(program);
  const { nodes, iterations, steps } = program;
  const builder = scheduleBuilder(nodes);
  /** By node: what its next operation waits for. */
  let before: number[][] = Array.from({ length: nodes }, () => []);
  const after = (operation: number, others: readonly number[]): number => {
    for (const other of others) builder.requires(operation, other);
    return operation;
  };
  for (let iteration = 0; iteration < iterations; iteration++)
    for (const step of steps) {
      if (step.kind === "computation") {
        const { workNs } = step;
        before = before.map((others, node) => [
          after(builder.calc(node, typeof workNs === "number" ? workNs : workNs[node]!), others),
        ]);
        continue;
      }
      const { sends, to, receives, slots, bytes } = step;
      const senders = new Uint32Array(to.length);
      for (let node = 0; node < nodes; node++)
        for (let slot = sends[node]!; slot < sends[node + 1]!; slot++) {
          senders[slot] = node;
          before[node] = [after(builder.send(node, bytes, to[slot]!), before[node]!)];
        }
      for (let node = 0; node < nodes; node++) {
        const [from, end] = [receives[node]!, receives[node + 1]!];
        if (from === end) continue;
        const posted = Array.from(slots.subarray(from, end), (slot) =>
          after(builder.recv(node, bytes, senders[slot]!), before[node]!),
        );
        before[node] = posted;
      }
    }
  return builder.build();
}
