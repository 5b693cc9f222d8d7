import { compileFunction } from "node:vm";
import type { Device } from "./device.ts";
import type { Flat } from "./graph.ts";
import { hoisted } from "./hoist.ts";
import { roundsText } from "./javascript-rounds.ts";
import { javascriptText } from "./javascript-text.ts";
import { movesOf } from "./moves.ts";
import { type Run, schedule } from "./schedule.ts";
import { storesAll } from "./stores-all.ts";
import type { Task } from "./task.ts";
import { type Elements, zeros } from "./value.ts";

/** Fires a task n times. */
type Fire = (n: number, x: Elements, xAt: number, y: Elements, yAt: number) => void;

/**
 * The device that is always there: JavaScript generated for each task, on this thread, over typed arrays. It runs every graph.
 *
 * @example
 * ```ts
 * import { javascript } from "veelab/heterogeneous-tasks";
 * console.log(javascript.label); // javascript
 * ```
 */
export const javascript: Device = {
  label: "javascript",
  // So that what a task gives is still in the cache when the next one takes it.
  batchElements: 4096,
  refusal: () => undefined,
  // Errors become rejections.
  programs: { settings: "", generate: (flat) => new TextEncoder().encode(JSON.stringify(textsOf(flat))) },
  load: async (flat, iterations, state, program) => {
    const texts = program && (JSON.parse(new TextDecoder().decode(program)) as ReturnType<typeof textsOf>);
    const { run, state: copy } = await Promise.resolve(loadNow(flat, iterations, state, texts));
    return {
      run: async (input, output, times) => {
        run(input, output, times);
        await Promise.resolve();
      },
      state: async () => Promise.resolve(copy()),
      close: async () => Promise.resolve(),
    };
  },
};

/** Runs steps so many rounds. */
type Rounds = (rounds: number, queues: readonly Queue[], tasks: readonly (Fire | undefined)[]) => void;

/** What {@link javascript} does, at once; or run by run of a schedule, for a caller that fires some nodes itself. */
export interface Now {
  readonly run: (input: Elements, output: Elements, iterations: number) => void;
  readonly state: () => readonly Elements[];
  /** What the source gives and where the sink writes, up to the next call. */
  readonly begin: (input: Elements, output: Elements) => void;
  readonly advance: (run: Run) => void;
  /** Takes elements out of an edge's queue: a view, up to the next step. */
  readonly take: (edge: number, count: number) => Elements;
  readonly give: (edge: number, elements: Elements) => void;
  /** Ends some whole iterations. */
  readonly settle: () => void;
}

/** An edge's elements lie from `head` to `tail`: a batch is written behind what is left, which is moved to the front after it. */
interface Queue {
  readonly elements: Elements;
  head: number;
  tail: number;
}

/** Makes the program, for callers that do not wait. */
export function loadNow(
  flat: Flat,
  iterations: number,
  state?: readonly Elements[],
  texts: readonly (string | null)[] = textsOf(flat),
): Now {
  const { nodes, edges, firings } = flat;
  const queues: readonly Queue[] = edges.map(({ from, type, gives, start }, at) => {
    const elements = zeros(type, start.length + gives * firings[from]! * iterations);
    elements.set(state?.[at] ?? start);
    return { elements, head: 0, tail: start.length };
  });
  const tasks = nodes.map(({ task }, at) => (task === undefined ? undefined : made(task, texts[at]!)));
  const whole = nodes.map(({ task }) => task === undefined || storesAll(task.code.body, task.gives));
  const moves = nodes.map((node) => movesOf(node, edges));
  const compiled = new Map<string, Rounds>();
  let planned = 0;
  let runs: readonly Run[] = [];

  let given = zeros("f32", 0);
  let givenAt = 0;
  let wanted = zeros("f32", 0);
  let wantedAt = 0;

  const fire = (at: number, count: number): void => {
    const node = nodes[at]!;
    switch (node.kind) {
      case "source":
        append(queues[node.outputs[0]!]!, given, givenAt, count);
        givenAt += count;
        break;
      case "sink": {
        const queue = queues[node.inputs[0]!]!;
        wanted.set(queue.elements.subarray(queue.head, queue.head + count), wantedAt);
        queue.head += count;
        wantedAt += count;
        break;
      }
      case "task": {
        const { takes, gives } = node.task!;
        const [from, to] = [queues[node.inputs[0]!]!, queues[node.outputs[0]!]!];
        if (!whole[at]!) clear(to, count * gives);
        tasks[at]!(count, from.elements, from.head, to.elements, to.tail);
        from.head += count * takes;
        to.tail += count * gives;
        break;
      }
      default:
        for (const { from, to, fromAt, toAt, length } of moves[at]!) {
          const [x, y] = [queues[from]!, queues[to]!];
          const [takes, gives] = [edges[from]!.takes, edges[to]!.gives];
          copy(x.elements, x.head + fromAt, takes, y.elements, y.tail + toAt, gives, length, count);
        }
        for (const edge of node.inputs) queues[edge]!.head += count * edges[edge]!.takes;
        for (const edge of node.outputs) queues[edge]!.tail += count * edges[edge]!.gives;
    }
  };

  const advance = ({ rounds, steps }: Run): void => {
    if (rounds === 1) {
      for (const { node, count } of steps) fire(node, count);
      return;
    }
    const key = JSON.stringify(steps);
    let many = compiled.get(key);
    if (many === undefined) {
      many = compileFunction(
        roundsText(flat, steps, moves, (node) => !whole[node]!),
        ["rounds", "queues", "tasks"],
      ) as Rounds;
      compiled.set(key, many);
    }
    many(rounds, queues, tasks);
  };

  const settle = (): void => {
    for (const queue of queues) {
      queue.elements.copyWithin(0, queue.head, queue.tail);
      queue.tail -= queue.head;
      queue.head = 0;
    }
  };

  const begin = (input: Elements, output: Elements): void => {
    [given, givenAt, wanted, wantedAt] = [input, 0, output, 0];
  };

  const run = (input: Elements, output: Elements, times: number): void => {
    begin(input, output);
    if (planned !== times) [planned, runs] = [times, schedule(flat, times).runs];
    for (const one of runs) advance(one);
    settle();
  };

  const take = (edge: number, count: number): Elements => {
    const queue = queues[edge]!;
    queue.head += count;
    return queue.elements.subarray(queue.head - count, queue.head);
  };

  const give = (edge: number, elements: Elements): void => {
    append(queues[edge]!, elements, 0, elements.length);
  };

  return {
    begin,
    advance,
    take,
    give,
    settle,
    run,
    state: () => queues.map(({ elements, tail }) => elements.slice(0, tail)),
  };
}

/** The text of each node that is a task. */
function textsOf({ nodes }: Flat): readonly (string | null)[] {
  return nodes.map(({ task }) =>
    task === undefined ? null : javascriptText(hoisted(task.code), task.takes, task.gives),
  );
}

function made({ arrays }: Task, text: string): Fire {
  const names = [...arrays.keys()].map((name) => `_${name}`);
  const factory = compileFunction(text, names) as (...values: readonly Elements[]) => Fire;
  return factory(...[...arrays.values()].map((array) => array.elements()));
}

/** In loops one element comes after the other: for fewer than this, a view or a built-in function costs more than a loop does. */
const FEW = 32;

function append(queue: Queue, from: Elements, at: number, count: number): void {
  copy(from, at, count, queue.elements, queue.tail, count, count, 1);
  queue.tail += count;
}

function clear({ elements, tail }: Queue, count: number): void {
  if (count < FEW) for (let at = tail; at < tail + count; at++) elements[at] = 0;
  else elements.fill(0, tail, tail + count);
}

/** Copies `count` runs of `length` elements, which begin `fromStep` and `toStep` apart. */
function copy(
  from: Elements,
  fromAt: number,
  fromStep: number,
  to: Elements,
  toAt: number,
  toStep: number,
  length: number,
  count: number,
): void {
  if (length === fromStep && length === toStep && length * count >= FEW)
    to.set(from.subarray(fromAt, fromAt + length * count), toAt);
  else
    for (let run = 0; run < count; run++, fromAt += fromStep, toAt += toStep)
      for (let at = 0; at < length; at++) to[toAt + at] = from[fromAt + at]!;
}
