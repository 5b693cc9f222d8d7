// Captures a memory trace of a program: see the help text below.
import { parseArgs } from "node:util";
import { isVeelabError } from "../errors.ts";
import { captureLackey } from "./capture.ts";

const help = `usage: node dist/datasets/capture/lackey.js -o trace.arrow.gz [options] -- program [arguments...]

Runs a program under valgrind's lackey and writes its memory references, reduced to runs on 4 KiB pages:
an Arrow file with the columns page (uint32), count (uint32) and kind (uint8: 0 fetch, 1 read, 2 write).
The program runs about a thousand times slower than by itself; lackey gives about 1 million references a second.

  -o, --out FILE            the trace, .arrow or .arrow.gz
      --limit N             stop after N references
      --program-version V   what the trace's provenance says of the program's version
      --quiet               no progress on standard error
  -h, --help                this text

Child processes are not followed: name the program itself (cc1, not gcc). For the same addresses on every run give the
same environment, as in: env -i PATH=/usr/bin:/bin node dist/datasets/capture/lackey.js ...`;

function fail(problem: string): never {
  console.error(`lackey: ${problem}`);
  process.exit(2);
}

const millions = (count: number): string => `${(count / 1e6).toFixed(1)} million`;

async function main(): Promise<void> {
  const { values, positionals } = (() => {
    try {
      return parseArgs({
        allowPositionals: true,
        options: {
          out: { type: "string", short: "o" },
          limit: { type: "string" },
          "program-version": { type: "string" },
          quiet: { type: "boolean", default: false },
          help: { type: "boolean", short: "h", default: false },
        },
      });
    } catch (error) {
      return fail((error as Error).message);
    }
  })();
  if (values.help) {
    console.log(help);
    return;
  }
  const [program, ...args] = positionals;
  if (program === undefined || values.out === undefined)
    fail("expected -o FILE and, after --, a program; --help says more");

  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      abort.abort();
    });
  let shownAt = 0;
  try {
    const provenance = await captureLackey({
      program,
      args,
      out: values.out,
      signal: abort.signal,
      ...(values.limit === undefined ? {} : { limit: Number(values.limit) }),
      ...(values["program-version"] === undefined ? {} : { programVersion: values["program-version"] }),
      progress: ({ references, runs }, done) => {
        if (values.quiet || (!done && Date.now() - shownAt < 1000)) return;
        shownAt = Date.now();
        const total = references.reduce((sum, kind) => sum + kind, 0);
        const line = `${millions(total)} references, ${millions(runs)} runs`;
        // In place on a terminal, a line each second elsewhere.
        process.stderr.write(process.stderr.isTTY ? `\r${line}${done ? "\n" : ""}` : `${line}\n`);
      },
    });
    for (const [name, value] of Object.entries(provenance)) console.log(`${name}: ${value}`);
  } catch (error) {
    if (abort.signal.aborted) {
      console.error("\nlackey: interrupted, nothing is written");
      process.exitCode = 130;
    } else if (isVeelabError(error)) fail(error.message);
    else throw error;
  }
}

await main();
