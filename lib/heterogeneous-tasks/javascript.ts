import { compileFunction } from "node:vm";
import type { Device } from "./device.ts";
import type { Flat, FlatNode } from "./graph.ts";
import { hoisted } from "./hoist.ts";
import { javascriptText } from "./javascript-text.ts";
import { schedule } from "./schedule.ts";
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

/** What {@link javascript} does, at once; or step by step, for a caller that fires some nodes itself. */
export interface Now {
  readonly run: (input: Elements, output: Elements, iterations: number) => void;
  readonly state: () => readonly Elements[];
  /** What the source gives and where the sink writes, up to the next call. */
  readonly begin: (input: Elements, output: Elements) => void;
  readonly fire: (node: number, count: number) => void;
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
  const [batch, single] = [schedule(flat, iterations).steps, schedule(flat, 1).steps];

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
      case "split":
        if (node.duplicate) duplicate(node, count);
        else shareOut(node, count);
        break;
      case "join":
        join(node, count);
        break;
    }
  };

  const duplicate = (node: FlatNode, count: number): void => {
    const from = queues[node.inputs[0]!]!;
    for (const edge of node.outputs) append(queues[edge]!, from.elements, from.head, count);
    from.head += count;
  };

  const shareOut = (node: FlatNode, count: number): void => {
    const from = queues[node.inputs[0]!]!;
    const { takes } = edges[node.inputs[0]!]!;
    let before = 0;
    for (const edge of node.outputs) {
      const { gives } = edges[edge]!;
      const to = queues[edge]!;
      copy(from.elements, from.head + before, takes, to.elements, to.tail, gives, gives, count);
      to.tail += count * gives;
      before += gives;
    }
    from.head += count * takes;
  };

  const join = (node: FlatNode, count: number): void => {
    const to = queues[node.outputs[0]!]!;
    const { gives } = edges[node.outputs[0]!]!;
    let before = 0;
    for (const edge of node.inputs) {
      const { takes } = edges[edge]!;
      const from = queues[edge]!;
      copy(from.elements, from.head, takes, to.elements, to.tail + before, gives, takes, count);
      from.head += count * takes;
      before += takes;
    }
    to.tail += count * gives;
  };

  const settle = (): void => {
    for (const queue of queues) {
      queue.elements.copyWithin(0, queue.head, queue.tail);
      queue.tail -= queue.head;
      queue.head = 0;
    }
  };

  const runSteps = (steps: typeof batch): void => {
    for (const { node, count } of steps) fire(node, count);
    settle();
  };

  const begin = (input: Elements, output: Elements): void => {
    [given, givenAt, wanted, wantedAt] = [input, 0, output, 0];
  };

  const run = (input: Elements, output: Elements, times: number): void => {
    begin(input, output);
    if (times === iterations) runSteps(batch);
    else for (let done = 0; done < times; done++) runSteps(single);
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
    fire,
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
  if (count < FEW) copy(from, at, count, queue.elements, queue.tail, count, count, 1);
  else queue.elements.set(from.subarray(at, at + count), queue.tail);
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
  for (let run = 0; run < count; run++, fromAt += fromStep, toAt += toStep)
    for (let at = 0; at < length; at++) to[toAt + at] = from[fromAt + at]!;
}
