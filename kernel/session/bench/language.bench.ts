// The language service in the live kernel: completion while nothing runs and while a cell is inside an endless loop, after 1, 50
// and 300 cells; how long a cell's problems take to come; memory. Beside it ipykernel, in its own language.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { JsonObject } from "../../protocol/json.ts";
import { connectKernel } from "../../run/kernel-client.ts";
import { spawnKernel } from "../../run/kernel-process.ts";
import { ownKernel, type KernelSpec } from "../../run/kernel-spec.ts";

/** What is typed into a kernel, in its own language. */
interface Phrases {
  /** The nth cell of a chain: it uses what the one before has declared. */
  readonly cell: (n: number) => string;
  /** A text whose end is completed, and what must be among the matches. */
  readonly text: (n: number, nonce: number) => string;
  readonly match: string;
  readonly endless: string;
}

const typescript: Phrases = {
  cell: (n) =>
    `interface Row${n} { page: number; count: number }\n` +
    `const rows${n}: Row${n}[] = [{ page: ${n}, count: 2 }, { page: 3, count: 4 }];\n` +
    `function total${n}(of: readonly Row${n}[]) { return of.reduce((sum, { count }) => sum + count, ${n === 0 ? "0" : `share${n - 1}.sum`}) }\n` +
    `const share${n} = { sum: total${n}(rows${n}) % 7, parts: rows${n}.map(({ page, count }) => ({ page, share: count / total${n}(rows${n}) })) };`,
  text: (n, nonce) => `const local = ${nonce};\nshare${n}.parts[0].`,
  match: "share",
  endless: "for (;;);",
};
const python: Phrases = {
  cell: (n) =>
    `rows${n} = [{"page": ${n}, "count": 2}, {"page": 3, "count": 4}]\n` +
    `def total${n}(of): return sum(row["count"] for row in of) + ${n === 0 ? "0" : `share${n - 1}["sum"]`}\n` +
    `share${n} = {"sum": total${n}(rows${n}) % 7}`,
  text: (n, nonce) => `local = ${nonce}\nshare${n}.ke`,
  match: "keys",
  endless: "while True: pass",
};

const steps = [1, 50, 300];
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** The process's memory in MB, where the system tells. */
function memory(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? NaN) / 1024;
}

interface Figures {
  /** ms from the first kernel_info reply to the first completion. */
  readonly first: number;
  /** ms of a completion, by step. */
  readonly idle: readonly number[];
  /** The same while a cell runs without end; undefined where the kernel then answers nothing. */
  readonly busy: readonly (number | undefined)[];
  /** ms from a cell's idle to the display of its problems, by step. */
  readonly problems: readonly number[];
  readonly memory: readonly number[];
}

async function measure(spec: KernelSpec, phrases: Phrases, own: boolean): Promise<Figures> {
  const kernel = await spawnKernel(spec, tmpdir());
  const waiting = new Map<string, (type: string, content: JsonObject) => void>();
  let pid = NaN;
  const client = connectKernel(kernel.connection, (parent, type, content) => waiting.get(parent)?.(type, content));
  const executeRequest = (code: string): ReturnType<typeof client.request> =>
    client.request("shell", "execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
  const execute = async (code: string): Promise<string> => {
    const { id, reply } = executeRequest(code);
    let text = "";
    const idle = new Promise<void>((resolve) => {
      waiting.set(id, (type, content) => {
        if (type === "stream") text += content["text"] as string;
        if (type === "status" && content["execution_state"] === "idle") resolve();
      });
    });
    const content = await reply;
    await idle;
    if (content["status"] !== "ok") throw new Error(`${spec.name}: ${JSON.stringify(content)}`);
    return text;
  };
  let nonce = 0;
  const complete = async (n: number, limit = 60_000): Promise<number | undefined> => {
    nonce += 1;
    const code = phrases.text(n, nonce);
    const begun = performance.now();
    const { reply } = client.request("shell", "complete_request", { code, cursor_pos: code.length });
    const content = await Promise.race([
      reply,
      new Promise<undefined>((resolve) => setTimeout(resolve, limit, undefined)),
    ]);
    if (content === undefined) return undefined;
    const { matches } = content;
    if (!Array.isArray(matches) || !matches.some((match) => String(match).endsWith(phrases.match)))
      throw new Error(`${spec.name}: expected ${phrases.match}, got ${JSON.stringify(content).slice(0, 200)}`);
    return performance.now() - begun;
  };
  /** ms from a wrong cell's idle to the display of its problems. */
  const problems = (n: number): Promise<number> =>
    new Promise((resolve) => {
      let idle = NaN;
      const { id } = executeRequest(`const wrong${nonce}: string = share${n}.sum;`);
      waiting.set(id, (type, content) => {
        if (type === "status" && content["execution_state"] === "idle") idle = performance.now();
        if (type === "display_data") resolve(performance.now() - idle);
      });
    });
  try {
    await client.request("shell", "kernel_info_request", {}).reply;
    await client.ready();
    const started = performance.now();
    await execute(phrases.cell(0));
    await complete(0);
    const first = performance.now() - started;
    pid = Number(await execute(own ? "console.log(process.pid)" : "import os; print(os.getpid())"));
    const figures = {
      idle: [] as number[],
      busy: [] as (number | undefined)[],
      problems: [] as number[],
      memory: [] as number[],
    };
    let cells = 1;
    for (const step of steps) {
      for (; cells < step; cells++) await execute(phrases.cell(cells));
      const idle: number[] = [];
      for (let i = 0; i < 15; i++) idle.push((await complete(cells - 1)) ?? NaN);
      figures.idle.push(median(idle));
      if (own) figures.problems.push(await problems(cells - 1));
      const endless = executeRequest(phrases.endless);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const busy: (number | undefined)[] = [];
      for (let i = 0; i < 15 && !busy.includes(undefined); i++) busy.push(await complete(cells - 1, 3000));
      figures.busy.push(busy.includes(undefined) ? undefined : median(busy.filter((ms) => ms !== undefined)));
      if (spec.interruptMode === "signal") kernel.interrupt();
      else await client.request("control", "interrupt_request", {}).reply;
      await endless.reply;
      // ipykernel aborts what comes too soon after an interrupt.
      await new Promise((resolve) => setTimeout(resolve, 500));
      figures.memory.push(memory(pid));
    }
    return { first, ...figures };
  } finally {
    client.close();
    await kernel.destroy();
  }
}

const pythonSpec: KernelSpec = {
  ...ownKernel(),
  name: "ipykernel",
  language: "python",
  argv: ["/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
  env: {},
  interruptMode: "signal",
};
const installed =
  spawnSync("/usr/bin/python3", ["-m", "ipykernel_launcher", "--version"], { stdio: "ignore" }).status === 0;

const own = await measure(ownKernel(), typescript, true);
const peer = installed ? await measure(pythonSpec, python, false) : undefined;

const shown = (value: number | undefined, unit: string): string =>
  value === undefined ? "no answer" : `${value.toFixed(unit === "ms" && value < 100 ? 1 : 0)} ${unit}`;
const row = (name: string, value: number | undefined, other: number | undefined, unit: string): void => {
  const ratio = value === undefined || other === undefined ? "" : (value / other).toFixed(2);
  const theirs = peer === undefined ? "" : shown(other, unit);
  console.log(`${name.padEnd(46)}${shown(value, unit).padStart(11)}${theirs.padStart(12)}${ratio.padStart(8)}`);
};
console.log(`language service: medians of 15${peer === undefined ? " (ipykernel is not installed: no ratios)" : ""}`);
console.log(`${"".padEnd(46)}${"veelab".padStart(11)}${"ipykernel".padStart(12)}${"ratio".padStart(8)}`);
row("first completion, with a cell, after the start", own.first, peer?.first, "ms");
steps.forEach((step, at) => {
  row(`completion right after ${step} cells, unchecked`, own.idle[at], peer?.idle[at], "ms");
  row("  after their check, while a cell spins", own.busy[at], peer?.busy[at], "ms");
  row("  memory", own.memory[at], peer?.memory[at], "MB");
  console.log(`${"  a cell's problems, after its idle".padEnd(46)}${shown(own.problems[at], "ms").padStart(11)}`);
});
