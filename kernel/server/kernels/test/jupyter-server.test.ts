import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { freePorts } from "../../../run/free-ports.ts";
import { installKernel, type InstalledKernel } from "../../../test/kernelspec-folder.ts";
import { tool } from "../../../test/tool.ts";
import { jupyterCases } from "./jupyter-cases.ts";
import { serveKernels, type Answer, type LiveKernels } from "./live-kernels.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const python = "/usr/bin/python3";
const present = tool(python, ["-c", "import jupyter_server, ipykernel"], "python3-jupyter-server python3-ipykernel");

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** The values of an answer as their types; what is the same for every kernel of a kind, as itself. */
function shape(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => shape(each));
  if (typeof value !== "object" || value === null) {
    const constant = ["name", "path", "type", "language", "display_name", "interrupt_mode", "connections"];
    return constant.includes(key) ? value : typeof value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]): [string, unknown] => [name, shape(inner, name)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe.skipIf(!present)("beside Jupyter's own server", () => {
  let installed: InstalledKernel;
  let ours: LiveKernels;
  let jupyter: ChildProcess;
  let theirs: Ask;
  let said = "";

  beforeAll(async () => {
    installed = await installKernel();
    ours = await serveKernels();
    const [port = 0] = await freePorts(1);
    jupyter = spawn(
      python,
      [
        ...["-m", "jupyter_server", "--allow-root", "--no-browser", `--port=${port}`, "--ServerApp.port_retries=0"],
        ...[
          "--ServerApp.token=theirs",
          `--ServerApp.root_dir=${ours.root}`,
          "--MappingKernelManager.default_kernel_name=veelab",
        ],
      ],
      { env: installed.env, stdio: ["ignore", "ignore", "pipe"], cwd: installed.folder },
    );
    jupyter.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    theirs = async (method, path, body) => {
      const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { authorization: "token theirs" },
        ...sent,
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: isJson && text !== "" ? JSON.parse(text) : text,
      };
    };
    for (let attempt = 0; ; attempt += 1)
      try {
        await theirs("GET", "/api");
        return;
      } catch (error) {
        if (attempt > 200) throw new Error(`jupyter_server did not start: ${said}`, { cause: error });
        await after(200);
      }
  }, 60_000);
  afterAll(async () => {
    jupyter.kill("SIGTERM");
    await Promise.race([new Promise((resolve) => jupyter.once("exit", resolve)), after(10_000)]);
    jupyter.kill("SIGKILL");
    await ours.close();
    await installed.remove();
  });

  it("answers the same, but for what is listed", async () => {
    const kept = { ours: new Map<string, string>(), theirs: new Map<string, string>() };
    const found: string[] = [];
    for (const { method, path, body, keep, differs } of jupyterCases) {
      const ask = async (request: Ask, ids: Map<string, string>): Promise<Answer> => {
        const filled = path.replace(/\{(\w+)\}/gu, (_, name: string) => ids.get(name) ?? "none");
        const answer = await request(method, filled, body);
        if (keep !== undefined) ids.set(keep, (answer.body as { id?: string }).id ?? "none");
        return answer;
      };
      const [mine, other] = await Promise.all([
        ask((...request) => ours.request(...request), kept.ours),
        ask(theirs, kept.theirs),
      ]);
      const what = `${method} ${path} ${body === undefined ? "" : JSON.stringify(body)}`;
      const wanted = differs ?? { ours: other.status, theirs: other.status };
      if (mine.status !== wanted.ours || other.status !== wanted.theirs)
        found.push(`${what}: ours ${mine.status}, Jupyter's ${other.status}`);
      // An error's body is a sentence of each server's own.
      else if (differs === undefined && mine.status < 300 && typeof mine.body === "object") {
        const [a, b] = [mine.body, other.body].map((each) => JSON.stringify(shape(each)));
        if (a !== b) found.push(`${what}: ours ${a}, Jupyter's ${b}`);
      }
      const [here, there] = [mine, other].map(({ headers }) => headers.location?.replace(/[\da-f-]{36}/u, "ID"));
      if (here !== there) found.push(`${what}: Location: ours ${here}, Jupyter's ${there}`);
    }
    expect(found).toEqual([]);
  });

  it("lists the same kernels with the same words", async () => {
    const [mine, other] = await Promise.all([
      ours.request("GET", "/api/kernelspecs"),
      theirs("GET", "/api/kernelspecs"),
    ]);
    interface Listing {
      readonly default: string;
      readonly kernelspecs: Record<string, unknown>;
    }
    const [{ default: ourDefault, kernelspecs }, { default: theirDefault, kernelspecs: theirSpecs }] = [
      mine,
      other,
    ].map(({ body }) => body as Listing) as [Listing, Listing];
    expect(ourDefault).toBe(theirDefault);
    expect(Object.keys(kernelspecs).sort()).toEqual(Object.keys(theirSpecs).sort());
    expect(kernelspecs["python3"]).toEqual(theirSpecs["python3"]);
  });
});
