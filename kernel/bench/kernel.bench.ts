// The kernel beside its peers, over the real protocol: start, a trivial cell, many printed lines, one large display.
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { isJsonObject, type JsonObject } from "../protocol/json.ts";
import { connectKernel } from "../run/kernel-client.ts";
import { spawnKernel } from "../run/kernel-process.ts";
import { ownKernel, type KernelSpec } from "../run/kernel-spec.ts";

/** What is typed into a kernel, in its own language. */
interface Phrases {
  readonly trivial: string;
  readonly print: string;
  readonly display: string;
}

interface Figures {
  /** ms from the start of the process to the first kernel_info reply. */
  readonly start: number;
  /** ms from a cell's request to its idle: medians of 20 cells from the 1st, the 100th and the 300th. */
  readonly trivial: readonly [number, number, number];
  /** ms for 100,000 printed lines. */
  readonly print: number;
  /** How many of these lines came by the cell's idle, and in how many messages. */
  readonly lines: number;
  readonly messages: number;
  /** ms for 10 MB of HTML. */
  readonly display: number;
}

const rounds = 3;
const printed = 100_000;
const bytes = 10_000_000;

const typescript: Phrases = {
  trivial: "1+1",
  print: `for (let i = 0; i < ${printed}; i++) console.log("line " + i)`,
  display: `display.html("x".repeat(${bytes}))`,
};
const python: Phrases = {
  trivial: "1+1",
  print: `for i in range(${printed}): print("line", i)`,
  display: `from IPython.display import display, HTML\ndisplay(HTML("x" * ${bytes}))`,
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

async function measure(spec: KernelSpec, phrases: Phrases): Promise<Figures> {
  const started = performance.now();
  const process = await spawnKernel(spec, tmpdir());
  const heard = new Map<string, { type: string; content: JsonObject }[]>();
  const idle = new Map<string, () => void>();
  const client = connectKernel(process.connection, (parent, type, content) => {
    const list = heard.get(parent) ?? [];
    heard.set(parent, list);
    list.push({ type, content });
    if (type === "status" && content["execution_state"] === "idle") idle.get(parent)?.();
  });
  const execute = async (code: string): Promise<{ ms: number; outputs: { type: string; content: JsonObject }[] }> => {
    const begun = performance.now();
    // Every field: ipykernel knows no defaults.
    const { id, reply } = client.request("shell", "execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
    const ended = new Promise<void>((resolve) => idle.set(id, resolve));
    const content = await reply;
    await ended;
    const ms = performance.now() - begun;
    if (content["status"] !== "ok") throw new Error(`${spec.name}: ${JSON.stringify(content)}`);
    return { ms, outputs: heard.get(id) ?? [] };
  };
  try {
    await client.request("shell", "kernel_info_request", {}).reply;
    const start = performance.now() - started;
    await client.ready();
    const times: number[] = [];
    for (let cell = 0; cell < 320; cell++) times.push((await execute(phrases.trivial)).ms);
    const print = await execute(phrases.print);
    const streams = print.outputs.filter(({ type }) => type === "stream");
    const text = streams.map(({ content }) => content["text"] as string).join("");
    const display = await execute(phrases.display);
    const shown = display.outputs.find(({ type }) => type === "display_data")?.content["data"];
    const html = isJsonObject(shown) ? shown["text/html"] : undefined;
    if (typeof html !== "string" || html.length !== bytes) throw new Error(`${spec.name}: the display was lost`);
    return {
      start,
      trivial: [median(times.slice(0, 20)), median(times.slice(100, 120)), median(times.slice(300, 320))],
      print: print.ms,
      lines: text.split("\n").length - 1,
      messages: streams.length,
      display: display.ms,
    };
  } finally {
    client.close();
    await process.destroy();
  }
}

async function medians(spec: KernelSpec, phrases: Phrases): Promise<Figures> {
  const all: Figures[] = [];
  for (let round = 0; round < rounds; round++) all.push(await measure(spec, phrases));
  const of = (pick: (figures: Figures) => number): number => median(all.map(pick));
  return {
    start: of(({ start }) => start),
    trivial: [of(({ trivial }) => trivial[0]), of(({ trivial }) => trivial[1]), of(({ trivial }) => trivial[2])],
    print: of(({ print }) => print),
    lines: Math.min(...all.map(({ lines }) => lines)),
    messages: of(({ messages }) => messages),
    display: of(({ display }) => display),
  };
}

const rows: readonly [name: string, unit: string, target: number | undefined, pick: (figures: Figures) => number][] = [
  ["start to kernel_info reply", "ms", 400, ({ start }) => start],
  ["trivial cell, from the 1st", "ms", 2, ({ trivial }) => trivial[0]],
  ["trivial cell, from the 100th", "ms", 2, ({ trivial }) => trivial[1]],
  ["trivial cell, from the 300th", "ms", 2, ({ trivial }) => trivial[2]],
  ["100,000 lines printed", "ms", 600, ({ print }) => print],
  ["  lines that arrived", "", undefined, ({ lines }) => lines],
  ["  messages", "", undefined, ({ messages }) => messages],
  ["10 MB of HTML displayed", "ms", 200, ({ display }) => display],
];

const own = await medians(ownKernel(), typescript);
const pythonSpec: KernelSpec = {
  name: "ipykernel",
  displayName: "ipykernel",
  language: "python",
  argv: ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
  env: {},
  interruptMode: "signal",
  metadata: {},
};
const installed =
  spawnSync("/usr/bin/python3", ["-m", "ipykernel_launcher", "--version"], { stdio: "ignore" }).status === 0;
const peer = installed ? await medians(pythonSpec, python) : undefined;

console.log(`kernel: medians of ${rounds} runs${peer === undefined ? " (ipykernel is not installed: no ratios)" : ""}`);
console.log(
  `${"".padEnd(32)}${"veelab".padStart(10)}${"target".padStart(10)}${"ipykernel".padStart(12)}${"ratio".padStart(8)}`,
);
for (const [name, unit, target, pick] of rows) {
  const value = pick(own);
  const other = peer && pick(peer);
  const show = (number: number | undefined): string =>
    number === undefined ? "" : `${number.toFixed(unit === "ms" && number < 100 ? 2 : 0)}${unit && ` ${unit}`}`;
  const ratio = other === undefined || unit === "" ? "" : (value / other).toFixed(2);
  console.log(
    `${name.padEnd(32)}${show(value).padStart(10)}${show(target).padStart(10)}${show(other).padStart(12)}${ratio.padStart(8)}`,
  );
}
