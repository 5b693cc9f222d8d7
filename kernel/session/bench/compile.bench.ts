/**
 * What a cell costs before V8 sees it, against `transpileModule` of TypeScript on the same cell, and a loop at the top level
 * of a compiled cell against the same loop in V8's REPL as it is, and in a function.
 *
 * @module
 */
import { Session, type Runtime } from "node:inspector";
import ts from "typescript";
import { figure } from "../../bench/figure.ts";
import { compileCell } from "../compile.ts";

const cell = `import { table } from "arquero";
interface Row { page: number; count: number }
const rows: Row[] = [{ page: 1, count: 2 }, { page: 3, count: 4 }];
enum Kind { Read, Write }
function total(of: readonly Row[]): number {
  let sum = 0;
  for (const { count } of of) sum += count;
  return sum;
}
const share = rows.map(({ count }) => count / total(rows));
share.at(-1)!`;

/** The median time of one call in milliseconds, over batches long enough for the clock. */
function median(run: () => unknown, batch: number): number {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    for (let call = 0; call < batch; call++) run();
    return (performance.now() - start) / batch;
  });
  return times.sort((a, b) => a - b)[7]!;
}

const ours = median(() => compileCell(cell, "cell [1]"), 100);
const options = { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } };
const theirs = median(() => ts.transpileModule(cell, options), 20);
figure("compile a cell of 11 lines", ours, "ms", { peers: { "TypeScript's transpileModule": theirs } });

const session = new Session();
session.connect();

/** The milliseconds that a script says it took. */
async function timed(code: string): Promise<number> {
  const parameters = { expression: code, replMode: true, awaitPromise: true, returnByValue: true };
  return await new Promise((resolve) => {
    session.post("Runtime.evaluate", parameters, (_, reply) => {
      resolve((reply as Runtime.EvaluateReturnType).result.value as number);
    });
  });
}

const loop = "for (let i = 0; i < 30_000_000; i++) sum = (sum + i * 3) | 0;";
const body = `let sum = 0; const start = performance.now(); ${loop}`;
const variants = {
  ours: compileCell(`${body} performance.now() - start`, "loop").code,
  bare: `${body.replaceAll("sum", "bareSum").replace("const start", "const bareStart")} performance.now() - bareStart`,
  inside: `(() => { ${body} return performance.now() - start })()`,
};
const times = new Map<string, number>();
for (const [name, code] of Object.entries(variants)) {
  const runs: number[] = [];
  for (let run = 0; run < 7; run++) runs.push(await timed(code));
  times.set(name, runs.sort((a, b) => a - b)[3]!);
}
figure("30 million turns of a loop at a cell's top level", times.get("ours")!, "ms", {
  peers: { "V8's REPL without us": times.get("bare"), "a function with a local sum": times.get("inside") },
});
session.disconnect();
