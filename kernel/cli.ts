#!/usr/bin/env node
import { packageVersion } from "./package-root.ts";
import { InputError } from "./run/input-error.ts";

/** A subcommand: what it does, and its function, which is loaded only when it is asked for. */
interface Command {
  readonly summary: string;
  readonly load: () => Promise<(args: readonly string[]) => Promise<number>>;
}

const GROUPS: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  Notebooks: {
    start: {
      summary: "serve the notebooks of a folder to the browser (the default)",
      load: async () => (await import("./server/start-command.ts")).start,
    },
    run: {
      summary: "execute notebooks headless; check committed outputs; export HTML",
      load: async () => (await import("./run/run-command.ts")).run,
    },
    reproduce: {
      summary: "run every notebook and report published against reproduced numbers",
      load: async () => (await import("./run/reproduce-command.ts")).reproduce,
    },
    bundle: {
      summary: "write an archive that re-runs notebooks elsewhere with one command",
      load: async () => (await import("./bundle/bundle-command.ts")).bundle,
    },
    new: {
      summary: "begin a paper's system, with tests and notebook, or a notebook",
      async load() {
        const [{ newWith }, { buildPublished }] = await Promise.all([
          import("./scaffold/new-command.ts"),
          import("../datasets/build/published-table.ts"),
        ]);
        return newWith(buildPublished);
      },
    },
    install: {
      summary: "make the kernel known to Jupyter",
      load: async () => (await import("./install.ts")).install,
    },
  },
  Datasets: {
    import: {
      summary: "read traces of any format into one Arrow or Parquet file",
      load: async () => (await import("../datasets/commands/import-command.ts")).importFiles,
    },
    convert: {
      summary: "write a trace or table in another format",
      load: async () => (await import("../datasets/commands/import-command.ts")).convertFile,
    },
    describe: {
      summary: "say what is in a trace or dataset",
      async load() {
        const [{ describeWith }, { renderSvg }, { renderPng }] = await Promise.all([
          import("../lib/traces/describe-command.ts"),
          import("./session/display/render-svg.ts"),
          import("./session/display/render-png.ts"),
        ]);
        return describeWith({
          ".svg": (spec) => renderSvg(spec),
          ".png": async (spec) => (await renderPng(await renderSvg(spec))).png,
        });
      },
    },
    audit: {
      summary: "name the programs in a guest's memory, and those that are unpatched",
      load: async () => (await import("../lib/patch-audit/command.ts")).auditImage,
    },
    head: {
      summary: "print the first rows of a trace or dataset",
      load: async () => (await import("../datasets/commands/look-commands.ts")).headOfFile,
    },
    sql: {
      summary: "run a query over files of any size",
      load: async () => (await import("../datasets/commands/look-commands.ts")).sql,
    },
    capture: {
      summary: "capture traces of a guest, a program or this machine",
      load: async () => (await import("../datasets/capture/capture-command.ts")).capture,
    },
    checkpoint: {
      summary: "save a guest's memory without what its disk holds; restore and verify it",
      load: async () => (await import("../lib/checkpointing/command.ts")).checkpointFiles,
    },
    catalog: {
      summary: "list, verify or add datasets",
      load: async () => (await import("../datasets/commands/catalog-command.ts")).catalog,
    },
    formats: {
      summary: "list the formats that are read and written",
      load: async () => (await import("../datasets/commands/look-commands.ts")).listFormats,
    },
  },
  Sweeps: {
    work: {
      summary: "run points of sweeps that another process coordinates",
      load: async () => (await import("../lib/run/work-command.ts")).work,
    },
    cache: {
      summary: "list or remove the finished points that sweeps keep",
      load: async () => (await import("../lib/run/cache-command.ts")).cache,
    },
  },
};

const COMMANDS: Readonly<Record<string, Command>> = Object.assign({}, ...Object.values(GROUPS)) as Record<
  string,
  Command
>;

function help(): string {
  const groups = Object.entries(GROUPS).map(([title, commands]) => {
    const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}\n`);
    return `${title}:\n${lines.join("")}`;
  });
  return `Usage: veelab [COMMAND] [options]\n\n${groups.join("\n")}\nveelab COMMAND --help tells more of each; veelab --version prints the version.\n`;
}

async function main([first = "start", ...rest]: readonly string[]): Promise<number> {
  if (first === "--help" || first === "-h" || first === "help") {
    process.stdout.write(help());
    return 0;
  }
  if (first === "--version") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  // Options without a command are those of the default one.
  const [name, args] = first.startsWith("-") ? ["start", [first, ...rest]] : [first, rest];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const expected = Object.keys(COMMANDS).join(", ");
    const hint = name.endsWith(".ipynb") ? " (veelab run runs a notebook, veelab start opens those of a folder)" : "";
    throw new InputError(`veelab: expected a command (${expected}), got ${JSON.stringify(name)}${hint}`);
  }
  const start = await command.load();
  return start(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  if (!(cause instanceof InputError)) throw cause;
  process.stderr.write(`${cause.message}\n`);
  process.exitCode = 2;
}
