import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";

import { parseOptions } from "../run/arguments.ts";
import { InputError } from "../run/input-error.ts";
import { findKernel } from "../run/kernel-spec.ts";
import { startServer, type RunningServer, type ServerOptions } from "./server.ts";

const HELP = `Usage: veelab start [options] [FOLDER]   (veelab alone is veelab start)

Serves the notebooks of FOLDER (by default the current one) to a browser on this machine, and opens it there.

  --port N              listen on this port (default: 8888, or the next free one)
  --no-browser          print the address, open nothing
  --kernel NAME         the kernel of new notebooks (default: veelab)
  --cull-idle S         end kernels that did nothing for S seconds while no page was connected to them
  --cull-connected      with --cull-idle: end those with a page, too
  --output-bytes-per-second N, --output-messages-per-second N
                        what a page is sent of a cell that prints without end (default: 1000000, 1000)
  --output-buffer-bytes N
                        how much output is kept for a page that is away (default: 33554432)
  --allow-scripts       let scripts in the HTML of trusted notebooks run in the page
  --allow-hidden        serve files whose names start with a dot
  --help                print this

The address holds a token, without which the server gives out nothing of yours. VEELAB_TOKEN sets it.
Ctrl-C ends the server and its kernels.
`;

const OPTIONS = {
  port: { type: "string" },
  "no-browser": { type: "boolean" },
  kernel: { type: "string" },
  "cull-idle": { type: "string" },
  "cull-connected": { type: "boolean" },
  "output-bytes-per-second": { type: "string" },
  "output-messages-per-second": { type: "string" },
  "output-buffer-bytes": { type: "string" },
  "allow-scripts": { type: "boolean" },
  "allow-hidden": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Where the browser is asked to open an address. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/**
 * `veelab start`: the notebooks of a folder in the browser.
 *
 * @param args the arguments after `start`
 * @returns the exit status, once the server has ended
 * @throws InputError for arguments that make no sense, and where the server cannot be started
 */
export async function start(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions("veelab start", args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 1)
    throw new InputError(`veelab start: expected one folder, got ${positionals.length} (see veelab start --help)`);
  const root = resolve(positionals[0] ?? ".");
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new InputError(`veelab start: expected a folder, got ${root}`);
  if (values.kernel !== undefined) await findKernel(values.kernel);
  const server = await startServer(serverOptions(root, values));
  process.stdout.write(`\nThe notebooks of ${root} are at\n\n    ${server.url}\n\nCtrl-C ends the server.\n`);
  if (values["no-browser"] !== true) openBrowser(server.url);
  await endedBySignal(server);
  return 0;
}

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>["values"];

type NumberOption =
  "port" | "cull-idle" | "output-bytes-per-second" | "output-messages-per-second" | "output-buffer-bytes";

function serverOptions(root: string, values: Values): ServerOptions {
  const token = process.env["VEELAB_TOKEN"];
  // A cell that shows its environment would write the token into a notebook.
  delete process.env["VEELAB_TOKEN"];
  const number = (name: NumberOption, most?: number): number | undefined => {
    const text = values[name];
    return text === undefined ? undefined : whole(`--${name}`, text, most);
  };
  return {
    root,
    token: token === "" ? undefined : token,
    port: number("port", 65535),
    kernel: values.kernel,
    cullIdleS: number("cull-idle"),
    cullConnected: values["cull-connected"],
    outputBytesPerSecond: number("output-bytes-per-second"),
    outputMessagesPerSecond: number("output-messages-per-second"),
    bufferBytes: number("output-buffer-bytes"),
    allowScripts: values["allow-scripts"],
    allowHidden: values["allow-hidden"],
  };
}

function whole(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= 1 && value <= most) return value;
  throw new InputError(`${option}: expected a whole number from 1 to ${most}, got ${JSON.stringify(text)}`);
}

/** Asks the system for its browser; where there is none, the address in the terminal has to do. */
function openBrowser(url: string): void {
  const [command, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  // Without a display there is only a browser in the terminal, which would take it over.
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) return;
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

/** Waits until a signal, or a page, ends the server. */
async function endedBySignal(server: RunningServer): Promise<void> {
  const onSignal = (): void => {
    process.stderr.write("\nending the kernels and the server\n");
    void server.close();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, onSignal);
  await server.closed;
}
