import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { packageRoot } from "../../package-root.ts";
import { freePorts } from "../../run/free-ports.ts";
import { rawRequest, type RawReply } from "../http/test/serving.ts";

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "veelab-start-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Started {
  readonly child: ChildProcess;
  readonly output: () => { readonly out: string; readonly err: string };
  readonly ended: Promise<number | null>;
}

function veelab(args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [join(packageRoot(), "dist/kernel/cli.js"), ...args], {
    cwd: folder,
    env: { ...process.env, VEELAB_DATA_DIR: join(folder, "data"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => ({ out, err }), ended };
}

/** Waits until the command has printed its address. */
async function listening({ output, ended }: Started): Promise<{ port: number; token: string }> {
  for (;;) {
    const [, port, token = ""] = /http:\/\/127\.0\.0\.1:(\d+)\/\?token=(\S+)/u.exec(output().out) ?? [];
    if (port !== undefined) return { port: Number(port), token };
    const pause = new Promise<undefined>((resolve) => setTimeout(resolve, 20, undefined));
    if ((await Promise.race([ended, pause])) !== undefined) throw new Error(output().err);
  }
}

const ask = (port: number, token: string, method: string, path: string, body?: string): Promise<RawReply> =>
  rawRequest(port, method, path, { host: `127.0.0.1:${port}`, authorization: `token ${token}` }, body);

describe("veelab start", () => {
  it("prints an address with a new token, and ends with its kernels at Ctrl-C", async () => {
    const [port = 0] = await freePorts(1);
    const started = veelab(["start", "--no-browser", "--port", String(port)]);
    const { token } = await listening(started);
    expect(token).toMatch(/^[0-9a-f]{48}$/u);
    expect((await ask(port, "wrong", "GET", "/api/kernels")).status).toBe(403);
    const session = { path: "a.ipynb", name: "", type: "notebook", kernel: { name: "veelab" } };
    const made = await ask(port, token, "POST", "/api/sessions", JSON.stringify(session));
    expect(made.status).toBe(201);
    const { kernel } = made.json() as { kernel: { id: string } };
    while ((await ask(port, token, "GET", `/api/kernels/${kernel.id}`)).text.includes('"starting"'))
      await new Promise((resolve) => setTimeout(resolve, 50));
    // What a page holds open does not hold the server up.
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/events/subscribe?token=${token}`);
    await once(socket, "open");
    started.child.kill("SIGINT");
    expect(await started.ended).toBe(0);
    expect(started.output().err).not.toContain(token);
    await expect(ask(port, token, "GET", "/api")).rejects.toThrow(/ECONNREFUSED/u);
  });

  it("without a command is the same, takes the token from the environment, and the page can end it", async () => {
    const [port = 0] = await freePorts(1);
    const started = veelab(["--no-browser", "--port", String(port)], { VEELAB_TOKEN: "a+b&c" });
    expect(await listening(started)).toEqual({ port, token: "a%2Bb%26c" });
    expect((await ask(port, "a+b&c", "GET", "/")).headers.location).toBe("/tree");
    expect((await ask(port, "a+b&c", "POST", "/api/shutdown")).status).toBe(204);
    expect(await started.ended).toBe(0);
  });

  it("listens on loopback alone", async () => {
    const [port = 0] = await freePorts(1);
    await listening(veelab(["start", "--no-browser", "--port", String(port)]));
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others) {
      const socket = connect({ host: address, port });
      const outcome = await Promise.race([
        once(socket, "connect").then(() => "connected"),
        once(socket, "error").then(() => "refused"),
      ]).catch(() => "refused");
      socket.destroy();
      expect(outcome, address).toBe("refused");
    }
    // The address that it printed is 127.0.0.1; all of 127/8 is this machine, and it listens on that one address only.
    await expect(rawRequestTo("127.0.0.2", port)).rejects.toThrow(/ECONNREFUSED/u);
  });

  it("says in one sentence what cannot be", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    const sentences: [string[], RegExp][] = [
      [["start", "--port", port], /^--port: expected a port that this user can listen on, got \d+ \(it is taken\)\n$/u],
      [["start", "--port", "0"], /^--port: expected a whole number from 1 to 65535, got "0"\n$/u],
      [["start", "--port", "x"], /^--port: expected a whole number/u],
      [["start", "--cull-idle", "-1"], /--cull-idle/u],
      [["start", "a", "b"], /^veelab start: expected one folder, got 2/u],
      [["start", "nowhere"], /^veelab start: expected a folder, got .*nowhere\n$/u],
      [["start", "--kernel", "no-such-kernel", "--no-browser"], /no-such-kernel/u],
    ];
    for (const [args, sentence] of sentences) {
      const { ended, output } = veelab(args);
      expect(await ended, args.join(" ")).toBe(2);
      expect(output().err).toMatch(sentence);
      expect(output().err.trim().split("\n")).toHaveLength(1);
    }
    taken.close();
  });
});

function rawRequestTo(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.once("error", reject);
  });
}
