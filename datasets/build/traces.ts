// Captures datasets/data/memory/*.arrow.gz again and updates their catalogue entries (some minutes; needs valgrind, gcc's
// cc1 and sqlite3). With other versions of these programs the traces differ:
//   node dist/datasets/build/traces.js [name...]
import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { captureLackey } from "../capture/capture.ts";
import { packageRoot } from "../package-root.ts";
import { memoryTraces } from "./memory-traces.ts";
import { updateCatalogue } from "../catalogue-update.ts";

const folder = join(packageRoot(), "datasets");

function output(command: string, args: readonly string[]): string {
  const { stdout, error, status } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error !== undefined || status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
  return stdout.trim();
}

await mkdir(join(folder, "data/memory"), { recursive: true });
const wanted = process.argv.slice(2);
for (const trace of memoryTraces) {
  if (wanted.length > 0 && !wanted.includes(trace.name)) continue;
  const path = `data/memory/${trace.name}.arrow.gz`;
  const provenance = await captureLackey({
    program: trace.locate === undefined ? trace.program : output(...trace.locate),
    args: trace.args,
    out: join(folder, path),
    folder: join(folder, "capture/inputs"),
    programVersion: output(...trace.version).split("\n")[0]!,
    programOutput: "ignore",
    // An environment of our own, so that the stack begins at the same address wherever this runs.
    environment: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    progress: ({ references }) => {
      process.stderr.write(`\r${trace.name}: ${(references[0] / 1e6).toFixed(0)} million instructions`);
    },
  });
  process.stderr.write("\n");
  await updateCatalogue(folder, [
    {
      name: `memory/${trace.name}`,
      path,
      title: trace.title,
      description: `${trace.description} Columns in program order; one row is a run of references of one kind to one 4 KiB page (datasets/capture/page-runs.ts says what the reduction keeps exact).`,
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured with ${provenance["tool"]!} from ${provenance["command"]!}` }],
      licenses: [
        { name: "Apache-2.0", title: "Apache License 2.0", path: "https://www.apache.org/licenses/LICENSE-2.0" },
      ],
      rows: Number(provenance["runs"]),
      schema: {
        fields: [
          {
            name: "page",
            type: "integer",
            arrowType: "uint32",
            unit: "4 KiB pages",
            description: "Virtual page number: the address divided by 4096",
          },
          {
            name: "count",
            type: "integer",
            arrowType: "uint32",
            unit: "references",
            description: "References of this kind to this page while their stream (instructions or data) stayed on it",
          },
          {
            name: "kind",
            type: "integer",
            arrowType: "uint8",
            unit: "",
            description: "0 instruction fetch, 1 read, 2 write",
          },
        ],
      },
      provenance,
    },
  ]);
}
