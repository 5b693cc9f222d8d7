import { integer, nonNegative, onlyOptions } from "../core/options.ts";
import { allreduce, dissemination } from "./collectives.ts";
import { computation, type Program, round } from "./program.ts";

/**
 * Size of a program.
 *
 * @example
 * ```ts
 * import type { ProgramSize } from "veelab/hpc-overhead";
 * const size: ProgramSize = { nodes: 4096, iterations: 20 };
 * console.log(size.nodes);
 * ```
 */
export interface ProgramSize {
  /** How many nodes. */
  readonly nodes: number;
  /** How many iterations. */
  readonly iterations: number;
  /** Computation of a node in an iteration, ns; each program has its own unless given. */
  readonly computeNs?: number;
}

function checkSize(size: ProgramSize): void {
  onlyOptions(size, ["nodes", "iterations", "computeNs"]);
  integer("nodes", size.nodes, { min: 1, max: 2 ** 24 });
  integer("iterations", size.iterations, { min: 1 });
  if (size.computeNs !== undefined) nonNegative("computeNs", size.computeNs);
}

/** Nodes in a box of three sides as equal as can be. */
function box(nodes: number): readonly [number, number, number] {
  const largest = (of: number, limit: number): number => {
    let side = Math.floor(limit);
    while (of % side !== 0) side--;
    return side;
  };
  const x = largest(nodes, Math.cbrt(nodes) + 1e-9);
  const y = largest(nodes / x, Math.sqrt(nodes / x) + 1e-9);
  return [x, y, nodes / x / y];
}

/** The up to six neighbours of a node in a box, without wrap. */
function faces(nodes: number): (node: number) => number[] {
  const [x, y, z] = box(nodes);
  return (node) => {
    const [i, j, k] = [node % x, Math.floor(node / x) % y, Math.floor(node / x / y)];
    const peers: number[] = [];
    if (i > 0) peers.push(node - 1);
    if (i < x - 1) peers.push(node + 1);
    if (j > 0) peers.push(node - x);
    if (j < y - 1) peers.push(node + x);
    if (k > 0) peers.push(node - x * y);
    if (k < z - 1) peers.push(node + x * y);
    return peers;
  };
}

/**
 * Like HPCCG, conjugate gradients on 100³ points a node: a halo of 80 KB to either neighbour in a row of nodes, and three allreduces of
 * 8 bytes. 60 ms of computation (assumption: 27 million nonzeros of 12 bytes at 5.4 GB/s), half of it before the first allreduce.
 *
 * @throws OptionError for a size out of range
 *
 * @example
 * ```ts
 * import { bulk, hpccg, nativeNode, seaStar } from "veelab/hpc-overhead";
 * const { row } = bulk(hpccg({ nodes: 64, iterations: 1 }), { network: seaStar, node: nativeNode });
 * console.log(row.timeNs > 60e6); // true
 * ```
 */
export function hpccg(size: ProgramSize): Program {
  checkSize(size);
  const { nodes, iterations, computeNs = 60e6 } = size;
  const sum = allreduce(nodes, 8);
  const halo = round(nodes, 80_000, (node) => [node - 1, node + 1].filter((peer) => peer >= 0 && peer < nodes));
  return {
    label: "HPCCG-like",
    nodes,
    iterations,
    steps: [
      ...[halo, computation(computeNs / 2), ...sum],
      ...[computation(computeNs / 4), ...sum, computation(computeNs / 4), ...sum],
    ],
  };
}

/**
 * Like CTH, shock physics: messages of 1 MB to up to six neighbours in a box, twice an iteration, and an allreduce of 8 bytes. 200 ms of
 * computation (assumptions, all).
 *
 * @throws OptionError for a size out of range
 *
 * @example
 * ```ts
 * import { cth } from "veelab/hpc-overhead";
 * console.log(cth({ nodes: 8, iterations: 1 }).steps.length); // 7
 * ```
 */
export function cth(size: ProgramSize): Program {
  checkSize(size);
  const { nodes, iterations, computeNs = 200e6 } = size;
  const halo = round(nodes, 1e6, faces(nodes));
  const half = computation(computeNs / 2);
  return { label: "CTH-like", nodes, iterations, steps: [halo, half, halo, half, ...allreduce(nodes, 8)] };
}

/**
 * Like Sage, adaptive-mesh hydrodynamics cut in one dimension: gathers and scatters of 50 KB with the nodes at distances 1 and 16 in a row
 * of nodes, and five allreduces of 8 bytes an iteration. 100 ms of computation (assumptions, all).
 *
 * @throws OptionError for a size out of range
 *
 * @example
 * ```ts
 * import { sage } from "veelab/hpc-overhead";
 * console.log(sage({ nodes: 2, iterations: 1 }).label); // Sage-like
 * ```
 */
export function sage(size: ProgramSize): Program {
  checkSize(size);
  const { nodes, iterations, computeNs = 100e6 } = size;
  const gather = round(nodes, 50_000, (node) =>
    [-16, -1, 1, 16].map((distance) => node + distance).filter((peer) => peer >= 0 && peer < nodes),
  );
  const fifth = [computation(computeNs / 5), ...allreduce(nodes, 8)];
  return {
    label: "Sage-like",
    nodes,
    iterations,
    steps: [gather, ...Array.from({ length: 5 }, () => fifth).flat(), gather],
  };
}

/**
 * A message to the other node and back, over and over, nothing else.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { bulk, nativeNode, pingPong, seaStar } from "veelab/hpc-overhead";
 * const { row } = bulk(pingPong(1, 10), { network: seaStar, node: nativeNode });
 * console.log(row.timeNs / 20); // 6000
 * ```
 */
export function pingPong(bytes: number, iterations: number): Program {
  const [there, back] = [0, 1].map((sender) => round(2, bytes, (node) => (node === sender ? [1 - sender] : [])));
  return { label: "PingPong", nodes: 2, iterations, steps: [there!, back!] };
}

/**
 * Allreduces of 8 bytes, nothing else.
 *
 * @throws OptionError for a size out of range
 *
 * @example
 * ```ts
 * import { allreduces } from "veelab/hpc-overhead";
 * console.log(allreduces({ nodes: 8, iterations: 1 }).steps.length); // 4: no computation, three rounds
 * ```
 */
export function allreduces(size: ProgramSize): Program {
  checkSize(size);
  const { nodes, iterations, computeNs = 0 } = size;
  return { label: "Allreduce", nodes, iterations, steps: [computation(computeNs), ...allreduce(nodes, 8)] };
}

/**
 * Like HPCC's RandomAccess: each iteration 1024 updates of 8 bytes, sorted to their nodes in ⌈log2 P⌉ rounds of half of them. 20 µs of
 * computation (assumption: 20 ns an update).
 *
 * @throws OptionError for a size out of range
 *
 * @example
 * ```ts
 * import { randomAccess } from "veelab/hpc-overhead";
 * console.log(randomAccess({ nodes: 1024, iterations: 1 }).steps.length); // 11
 * ```
 */
export function randomAccess(size: ProgramSize): Program {
  checkSize(size);
  const { nodes, iterations, computeNs = 20_480 } = size;
  const steps = [computation(computeNs), ...dissemination(nodes, 4096)];
  return { label: "RandomAccess-like", nodes, iterations, steps };
}
