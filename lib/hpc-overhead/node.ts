import { OptionError } from "../core/errors.ts";
import { nonNegative, onlyOptions, positive } from "../core/options.ts";
import { type Noise, quiet } from "./noise.ts";

/**
 * What running on a node costs, beyond the network: the same for all nodes of a run.
 *
 * @example
 * ```ts
 * import { nativeNode, type NodeCosts } from "veelab/hpc-overhead";
 * const slower: NodeCosts = { ...nativeNode, label: "5 % slower", computeFactor: 1.05 };
 * console.log(slower.label);
 * ```
 */
export interface NodeCosts {
  /** Name in tables and charts. */
  readonly label: string;
  /** How much longer a computation takes; 1 without paging costs. */
  readonly computeFactor: number;
  /** Processor time that a send takes beyond the network's overhead, ns. */
  readonly sendNs: number;
  /** The same of a receive: exits for its interrupts, ns. */
  readonly receiveNs: number;
  /** How long a byte is copied, ns: by the sender before its message leaves, and by the receiver once it is there. */
  readonly byteNs: number;
  /** When the processor is taken away: ticks, other programs, the hypervisor's own. */
  readonly noise: Noise;
}

/**
 * A node without a hypervisor and without noise.
 *
 * @example
 * ```ts
 * import { nativeNode } from "veelab/hpc-overhead";
 * console.log(nativeNode.computeFactor); // 1
 * ```
 */
export const nativeNode: NodeCosts = {
  label: "native",
  computeFactor: 1,
  sendNs: 0,
  receiveNs: 0,
  byteNs: 0,
  noise: quiet(),
};

/** Throws an OptionError unless every cost is in range. */
export function checkNode(name: string, node: NodeCosts): void {
  onlyOptions(node, ["label", "computeFactor", "sendNs", "receiveNs", "byteNs", "noise"], name);
  positive(`${name}.computeFactor`, node.computeFactor);
  for (const cost of ["sendNs", "receiveNs", "byteNs"] as const) nonNegative(`${name}.${cost}`, node[cost]);
  const noise: unknown = node.noise;
  if (typeof noise !== "object" || noise === null || !("onNodes" in noise))
    throw new OptionError(`${name}.noise`, "a noise, as quiet() gives", noise);
}
