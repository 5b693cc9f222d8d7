import type { Statement } from "./code.ts";
import type { Flat, FlatNode } from "./graph.ts";
import { hoisted } from "./hoist.ts";
import { inlined } from "./inline.ts";
import { movesOf } from "./moves.ts";
import { I32, OP, signed, unsigned, wasmBinary, type WasmFunction } from "./wasm-binary.ts";
import { vectorsFor } from "./task-vectors.ts";
import { wasmTask } from "./wasm-task.ts";

/** Where the parts of a graph lie in memory, in bytes. */
export interface Layout {
  readonly queues: readonly number[];
  /** The arrays of each node's values. */
  readonly arrays: readonly ReadonlyMap<string, number>[];
  /** What is run: words as `run` reads them, so many for each step. */
  readonly steps: number;
  readonly bytes: number;
}

/** The words of a step: node, count, 1 where all threads share it, 1 where all wait behind it, and of the last step of a round how many it has. */
export const STEP_WORDS = 5;

/** In the place of a node: the count is that of the rounds that follow. */
export const ROUNDS = -1;

/** More statements of a task, with its functions written out, would be compiled for seconds. */
const MOST_STATEMENTS = 2 ** 14;

/** A task's statements as they are compiled; undefined where they are too many. */
export function statementsOf({ task }: FlatNode): readonly Statement[] | undefined {
  return task === undefined ? [] : inlined(hoisted(task.code), MOST_STATEMENTS);
}

/** Lays a graph out for batches of so many iterations, which have at most so many steps. The first 16 bytes are the barrier's. */
export function layoutOf({ nodes, edges, firings }: Flat, iterations: number, steps: number): Layout {
  let bytes = 16;
  const place = (words: number): number => {
    const at = bytes;
    bytes += Math.ceil(words / 4) * 16;
    return at;
  };
  const queues = edges.map(({ from, gives, start }) => place(start.length + gives * firings[from]! * iterations));
  const arrays = nodes.map(
    ({ task }) => new Map([...(task?.arrays ?? [])].map(([name, { length }]) => [name, place(length)])),
  );
  const at = place(STEP_WORDS * steps);
  return { queues, arrays, steps: at, bytes };
}

/**
 * A graph's module. `run(at, n)` runs n steps, whose words lie at `at`: with so many threads, each calls it, and they share the firings of a step and wait for each
 * other behind it. Queues begin where the layout says; the first one's input is there already, and the last one's output stays there.
 */
export function wasmGraph({ nodes, edges }: Flat, layout: Layout, threads: number, vectors: boolean): Uint8Array {
  const functions: WasmFunction[] = [];
  const add = (made: WasmFunction): number => functions.push(made) - 1;
  const copy = add(copyFunction());
  const barrier = add(barrierFunction(threads));
  const fires = nodes.map((node, at) => {
    if (node.task === undefined) return copy;
    const body = statementsOf(node)!;
    return add(wasmTask(node.task, body, vectors ? vectorsFor(node.task, body) : "none", layout.arrays[at]!));
  });
  const nodeFunctions = nodes.map((node, at) => add(nodeFunction(node, edges, fires[at]!)));
  add(runFunction(edges, layout, nodeFunctions, barrier, threads));
  return wasmBinary({ pages: Math.ceil(layout.bytes / 65536), functions, globals: 2 * edges.length });
}

/** The globals with the places at which an edge is read and written. */
const [head, tail] = [(edge: number) => 1 + 2 * edge, (edge: number) => 2 + 2 * edge];

const [ADD, SUB, MUL, AND, LT, EQ] = [0x6a, 0x6b, 0x6c, 0x71, 0x49, 0x46];

const get = (local: number): number[] => [OP.localGet, ...unsigned(local)];
const set = (local: number): number[] => [OP.localSet, ...unsigned(local)];
const number = (value: number): number[] => [OP.i32, ...signed(value)];
const global = (index: number): number[] => [OP.globalGet, ...unsigned(index)];
const call = (index: number): number[] => [OP.call, ...unsigned(index)];
const plus = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, ADD];
const times = (a: readonly number[], by: number): number[] => [...a, ...number(by), MUL];

/** (count, from, to): all firings of a node, of which those from `from` to `to` are this thread's. */
function nodeFunction(node: FlatNode, edges: Flat["edges"], fire: number): WasmFunction {
  const [COUNT, FROM, TO] = [0, 1, 2];
  const mine = [...get(TO), ...get(FROM), SUB];
  /** Where a window that moves by so many elements a firing is at this thread's first. */
  const window = (at: number, by: number, more = 0): number[] =>
    plus(global(at), plus(times(get(FROM), 4 * by), number(4 * more)));
  const advance = (at: number, by: number): number[] => [
    ...plus(global(at), times(get(COUNT), 4 * by)),
    ...[OP.globalSet, ...unsigned(at)],
  ];
  const code: number[] = [];
  if (node.kind === "task") {
    const [input, output] = [node.inputs[0]!, node.outputs[0]!];
    const { takes, gives } = node.task!;
    code.push(...mine, ...window(head(input), takes), ...window(tail(output), gives), ...call(fire));
  }
  for (const { from, to, fromAt, toAt, length } of movesOf(node, edges)) {
    const [takes, gives] = [edges[from]!.takes, edges[to]!.gives];
    code.push(
      ...[...window(head(from), takes, fromAt), ...number(4 * takes)],
      ...[...window(tail(to), gives, toAt), ...number(4 * gives)],
      ...[...number(length), ...mine, ...call(fire)],
    );
  }
  for (const edge of node.inputs) code.push(...advance(head(edge), edges[edge]!.takes));
  for (const edge of node.outputs) code.push(...advance(tail(edge), edges[edge]!.gives));
  return { parameters: [I32, I32, I32], locals: [], code };
}

/** (from, fromStep, to, toStep, length, count): copies runs of elements, whose beginnings are so many bytes apart. */
function copyFunction(): WasmFunction {
  const [FROM, FROM_STEP, TO, TO_STEP, LENGTH, COUNT, AT, END] = [0, 1, 2, 3, 4, 5, 6, 7];
  const bytes = times(get(LENGTH), 4);
  const move = (local: number, by: readonly number[]): number[] => [...plus(get(local), by), ...set(local)];
  const contiguous = [...get(FROM_STEP), ...bytes, EQ, ...get(TO_STEP), ...bytes, EQ, AND];
  const code = [
    ...[...contiguous, OP.if, OP.empty],
    ...[...get(TO), ...get(FROM), ...bytes, ...get(COUNT), MUL, 0xfc, 0x0a, 0, 0],
    ...[OP.else, OP.loop, OP.empty, ...get(COUNT), OP.if, OP.empty],
    ...[...number(0), ...set(AT), ...bytes, ...set(END)],
    ...[OP.loop, OP.empty, ...get(AT), ...get(END), LT, OP.if, OP.empty],
    ...[...plus(get(TO), get(AT)), ...plus(get(FROM), get(AT)), OP.load, 2, 0, OP.store, 2, 0],
    ...[...move(AT, number(4)), OP.br, 1, OP.end, OP.end],
    ...[...move(FROM, get(FROM_STEP)), ...move(TO, get(TO_STEP)), ...move(COUNT, number(-1))],
    ...[OP.br, 1, OP.end, OP.end, OP.end],
  ];
  return { parameters: [I32, I32, I32, I32, I32, I32], locals: [I32, I32], code };
}

/** A barrier of all threads: how many came is at byte 0, and how often all came at byte 4. The last one wakes the others. */
function barrierFunction(threads: number): WasmFunction {
  const [ROUND] = [0];
  const load = (at: number): number[] => [...number(at), 0xfe, 0x10, 2, 0];
  const code = [
    ...[...load(4), ...set(ROUND)],
    ...[...number(0), ...number(1), 0xfe, 0x1e, 2, 0, ...number(threads - 1), EQ, OP.if, OP.empty],
    ...[...number(0), ...number(0), 0xfe, 0x17, 2, 0],
    ...[...number(4), ...plus(get(ROUND), number(1)), 0xfe, 0x17, 2, 0],
    ...[...number(4), ...number(-1), 0xfe, 0x00, 2, 0, 0x1a],
    ...[OP.else, OP.loop, OP.empty, ...load(4), ...get(ROUND), EQ, OP.if, OP.empty],
    // Waits at byte 4 while it is still this round, without a limit in time.
    ...[...number(4), ...get(ROUND), 0x42, 0x7f, 0xfe, 0x01, 2, 0, 0x1a],
    ...[OP.br, 1, OP.end, OP.end, OP.end],
  ];
  return { parameters: [], locals: [I32], code };
}

/** (at, n): runs n steps, those of a round as often as the step before it says. */
function runFunction(
  edges: Flat["edges"],
  layout: Layout,
  nodes: readonly number[],
  barrier: number,
  threads: number,
): WasmFunction {
  const [AT, LEFT, COUNT, FROM, TO, SHARE, LEFT_ROUNDS] = [0, 1, 2, 3, 4, 5, 6];
  const word = (at: number): number[] => [...get(AT), OP.load, 2, 4 * at];
  const least = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, ...a, ...b, LT, OP.select];
  const code = [
    ...edges.flatMap(({ start }, edge) => {
      const at = layout.queues[edge]!;
      return [
        ...[...number(at), OP.globalSet, ...unsigned(head(edge))],
        ...[...number(at + 4 * start.length), OP.globalSet, ...unsigned(tail(edge))],
      ];
    }),
    ...[OP.loop, OP.empty, ...get(LEFT), OP.if, OP.empty],
    ...[...word(1), ...set(COUNT)],
    ...[...word(0), ...number(ROUNDS), EQ, OP.if, OP.empty, ...get(COUNT), ...set(LEFT_ROUNDS), OP.end],
    // All of it for the first thread, or for each the same number of fours.
    ...[...word(2), OP.if, OP.empty],
    ...[...plus(get(COUNT), number(threads - 1)), ...number(threads), OP.divU],
    ...[...number(3), ADD, ...number(-4), AND, ...set(SHARE)],
    ...[OP.else, ...get(COUNT), ...set(SHARE), OP.end],
    ...[...least([...get(SHARE), ...global(0), MUL], get(COUNT)), ...set(FROM)],
    ...[...least(plus(get(FROM), get(SHARE)), get(COUNT)), ...set(TO)],
    ...nodes.flatMap((index, node) => [
      ...[...word(0), ...number(node), EQ, OP.if, OP.empty],
      ...[...get(COUNT), ...get(FROM), ...get(TO), ...call(index), OP.end],
    ]),
    ...[...word(3), OP.if, OP.empty, ...call(barrier), OP.end],
    ...[...word(4), OP.if, OP.empty, ...plus(get(LEFT_ROUNDS), number(-1)), ...set(LEFT_ROUNDS)],
    ...[...get(LEFT_ROUNDS), OP.if, OP.empty, ...plus(get(LEFT), word(4)), ...set(LEFT)],
    ...[...get(AT), ...times(word(4), 4 * STEP_WORDS), SUB, ...set(AT), OP.end, OP.end],
    ...[...plus(get(AT), number(4 * STEP_WORDS)), ...set(AT), ...plus(get(LEFT), number(-1)), ...set(LEFT)],
    ...[OP.br, 1, OP.end, OP.end],
  ];
  return { parameters: [I32, I32], locals: [I32, I32, I32, I32, I32], code };
}
