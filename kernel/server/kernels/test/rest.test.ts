import fc from "fast-check";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { createKernelSpecs } from "../kernelspecs.ts";
import { defaultOutputLimits } from "../output-limit.ts";
import { KernelRegistry } from "../registry.ts";
import { serveKernels, type LiveKernels } from "./live-kernels.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

interface KernelModel {
  readonly id: string;
  readonly name: string;
  readonly execution_state: string;
}
interface SessionModel {
  readonly id: string;
  readonly path: string;
  readonly kernel: KernelModel;
}

let server: LiveKernels;
beforeAll(async () => {
  server = await serveKernels();
});
afterEach(async () => {
  const { body } = await server.request("GET", "/api/kernels");
  await Promise.all((body as KernelModel[]).map(({ id }) => server.request("DELETE", `/api/kernels/${id}`)));
});
afterAll(() => server.close());

const session = async (body: unknown): Promise<SessionModel> =>
  (await server.request("POST", "/api/sessions", body)).body as SessionModel;
const kernelIds = async (): Promise<string[]> =>
  ((await server.request("GET", "/api/kernels")).body as KernelModel[]).map(({ id }) => id);
const folderOf = async (kernel: string): Promise<string> => {
  const page = await server.page(kernel);
  const { text } = await page.execute("console.log(process.cwd(), process.env.JPY_SESSION_NAME)");
  await page.close();
  return text.trim();
};

describe("a kernel", () => {
  it("is answered for before it has started", async () => {
    const { status, body, headers } = await server.request("POST", "/api/kernels", {});
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: "veelab", execution_state: "starting", connections: 0 });
    expect(headers.location).toBe(`/api/kernels/${(body as KernelModel).id}`);
  });

  it("runs in the folder of its document, and knows its path", async () => {
    mkdirSync(join(server.root, "a/b"), { recursive: true });
    for (const [path, folder] of [
      ["a/b/x.ipynb", "/a/b"],
      ["a/none/x.ipynb", "/a"],
      ["a/b", "/a/b"],
      ["", ""],
      ["RTC:x.ipynb", ""],
    ]) {
      const { body } = await server.request("POST", "/api/kernels", { path });
      expect(await folderOf((body as KernelModel).id)).toBe(`${server.root}${folder ?? ""} ${path ?? ""}`.trim());
    }
  });

  it("does not run outside of what is served", async () => {
    const outside = mkdtempSync(join(tmpdir(), "veelab-outside-"));
    symlinkSync(outside, join(server.root, "link"));
    for (const path of ["../x.ipynb", "a/../../x", "link/x.ipynb", "a\\..\\..", "a\0"])
      expect((await server.request("POST", "/api/kernels", { path })).status).toBe(404);
    expect(await kernelIds()).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  it("whose command cannot be started is an error in words, and leaves nothing behind", async () => {
    await withKernelspec({ argv: ["/no/such/command", "{connection_file}"], display_name: "Broken" }, async () => {
      const { status, body } = await server.request("POST", "/api/kernels", { name: "broken" });
      expect(status).toBe(500);
      expect((body as Error).message).toMatch(/^the kernel broken cannot be started: .*ENOENT/u);
      expect(await kernelIds()).toEqual([]);
    });
  });

  it("that loses its first request, and whose output channel is late, loses no output", async () => {
    const script = fileURLToPath(new URL("late-kernel.mjs", import.meta.url));
    const argv = [process.execPath, script, "{connection_file}"];
    await withKernelspec({ argv, display_name: "Late" }, async () => {
      const page = await server.page(await server.start("broken"));
      expect((await page.execute("first")).text).toBe("first");
      await page.close();
    });
  });

  it("that ends at once is tried five times, then is dead with what it said", async () => {
    const argv = [process.execPath, "-e", "console.error('no such module'); process.exit(4)"];
    await withKernelspec({ argv, display_name: "Broken" }, async () => {
      const kernel = await server.start("broken");
      const page = await server.page(kernel);
      page.send("kernel_info_request");
      expect(await page.closed).toMatchObject({ code: 1011 });
      // The page has heard that its request failed, and nothing of the attempts.
      expect(page.messages.at(-2)).toMatchObject({
        channel: "shell",
        content: { status: "error", ename: "KernelDied" },
      });
      const { body } = await server.request("GET", `/api/kernels/${kernel}`);
      const reason = "The kernel ended with exit status 4 at its start:\nno such module";
      expect(body).toMatchObject({ execution_state: "dead", reason });
      expect((await server.request("POST", `/api/kernels/${kernel}/restart`)).status).toBe(500);
    });
  });
});

describe("kernelspecs", () => {
  it("have our kernel first, and its logo where the page brings one", async () => {
    const logo = join(server.root, "logo.svg");
    writeFileSync(logo, "<svg/>");
    const withLogo = await serveKernels({ resources: { "logo-svg": logo } });
    const { body } = await withLogo.request("GET", "/api/kernelspecs");
    expect(body).toMatchObject({
      default: "veelab",
      kernelspecs: {
        veelab: {
          name: "veelab",
          spec: { display_name: "TypeScript (veelab)", language: "typescript", interrupt_mode: "message" },
          resources: { "logo-svg": "/kernelspecs/veelab/logo.svg" },
        },
      },
    });
    const got = await withLogo.request("GET", "/kernelspecs/veelab/logo.svg");
    expect(got).toMatchObject({ status: 200, body: "<svg/>", headers: { "content-type": "image/svg+xml" } });
    expect(got.headers["content-security-policy"]).toContain("sandbox");
    await withLogo.close();
  });

  it("leave out one that is damaged, and say so in the log", async () => {
    await withKernelspec({ argv: "node" }, async () => {
      const { status, body } = await server.request("GET", "/api/kernelspecs");
      expect(status).toBe(200);
      expect(Object.keys((body as { kernelspecs: object }).kernelspecs)).not.toContain("broken");
      expect(server.log.at(-1)).toMatch(/broken\/kernel\.json: expected argv to be a list of texts/u);
    });
  });

  it("carry what a kernel tells of itself, and no file of its folder but its logos", async () => {
    const spec = { argv: ["x"], display_name: "X", language: "x", metadata: { debugger: true }, env: { A: "b" } };
    await withKernelspec(spec, async (folder) => {
      writeFileSync(join(folder, "logo-32x32.png"), "png");
      writeFileSync(join(folder, "logo-secret.txt"), "secret");
      const { body } = await server.request("GET", "/api/kernelspecs/broken");
      expect(body).toMatchObject({ spec: { ...spec, interrupt_mode: "signal" } });
      expect((body as { resources: object }).resources).toEqual({ "logo-32x32": "/kernelspecs/broken/logo-32x32.png" });
      expect((await server.request("GET", "/kernelspecs/broken/logo-32x32.png")).status).toBe(200);
      for (const file of ["kernel.json", "logo-secret.txt", "..%2fkernel.json", "%2e%2e"])
        expect((await server.request("GET", `/kernelspecs/broken/${file}`)).status).toBe(404);
    });
  });

  it.each(["tslab", "jslab", "TSLAB", "Veelab"])("start our kernel for a notebook of %s", async (name) => {
    const { kernel } = await session({ path: "t.ipynb", type: "notebook", kernel: { name } });
    expect(kernel.name).toBe("veelab");
  });
});

describe("a session", () => {
  it("is one for each path, also when it is asked for twice at once", async () => {
    const body = { path: "one.ipynb", type: "notebook", name: "", kernel: { name: "veelab" } };
    const [a, b] = await Promise.all([session(body), session(body)]);
    const c = await session(body);
    expect(new Set([a, b, c].map(({ id }) => id)).size).toBe(1);
    expect(await kernelIds()).toEqual([a.kernel.id]);
  });

  it("follows its document, and keeps its kernel", async () => {
    const { id, kernel } = await session({ path: "old.ipynb", type: "notebook", name: "old" });
    const { body } = await server.request("PATCH", `/api/sessions/${id}`, { path: "new.ipynb", name: "new" });
    expect(body).toMatchObject({ id, path: "new.ipynb", name: "new", kernel: { id: kernel.id } });
    expect(await session({ path: "new.ipynb", type: "notebook" })).toMatchObject({ id });
    expect((await session({ path: "old.ipynb", type: "notebook" })).id).not.toBe(id);
  });

  it("changes its kernel, and the old one ends", async () => {
    const { id, kernel } = await session({ path: "k.ipynb", type: "notebook" });
    const page = await server.page(kernel.id);
    await page.execute("1");
    const { body } = await server.request("PATCH", `/api/sessions/${id}`, { kernel: { name: "veelab" } });
    const { kernel: next } = body as SessionModel;
    expect(next.id).not.toBe(kernel.id);
    expect(await kernelIds()).toEqual([next.id]);
    expect(await page.closed).toEqual({ code: 1000, reason: "the kernel was shut down" });
    expect(page.messages.at(-1)?.content).toEqual({ execution_state: "dead" });
    const other = await server.start();
    const { body: by } = await server.request("PATCH", `/api/sessions/${id}`, {
      kernel: { id: other, name: "veelab" },
    });
    expect(by).toMatchObject({ kernel: { id: other } });
  });

  it("ends with its kernel, and its kernel with it", async () => {
    const one = await session({ path: "1.ipynb", type: "notebook" });
    await server.request("DELETE", `/api/kernels/${one.kernel.id}`);
    expect((await server.request("GET", `/api/sessions/${one.id}`)).status).toBe(404);
    const two = await session({ path: "1.ipynb", type: "notebook" });
    expect(two.id).not.toBe(one.id);
    expect((await server.request("DELETE", `/api/sessions/${two.id}`)).status).toBe(204);
    expect(await kernelIds()).toEqual([]);
  });
});

describe("kernels that do nothing", () => {
  it("are ended after the time that was given, unless a page is there or a cell runs", async () => {
    const culling = await serveKernels({ cullIdleS: 3 });
    const watched = await culling.start();
    const page = await culling.page(watched);
    const busy = await culling.start();
    const short = await culling.page(busy);
    short.begin("while (true);");
    await short.wait(({ content }) => content["execution_state"] === "busy");
    await short.close();
    const idle = await culling.start();
    const left = async (count: number): Promise<string[]> => {
      for (;;) {
        const { body } = await culling.request("GET", "/api/kernels");
        const ids = (body as KernelModel[]).map(({ id }) => id);
        if (ids.length === count) return ids;
        await after(50);
      }
    };
    expect(new Set(await left(2))).toEqual(new Set([watched, busy]));
    expect(culling.log.join("\n")).toMatch(
      new RegExp(`kernel ${idle} \\(veelab\\) was idle for \\d+ s: it is ended`, "u"),
    );
    await after(6000);
    expect(new Set(await left(2))).toEqual(new Set([watched, busy]));
    await culling.request("POST", `/api/kernels/${busy}/interrupt`);
    expect(await left(1)).toEqual([watched]);
    await page.close();
    await culling.close();
  });
});

describe("the end of the server", () => {
  it("ends every kernel, also a busy one", async () => {
    const ending = await serveKernels();
    const page = await ending.page(await ending.start());
    const pid = Number((await page.execute("console.log(process.pid)")).text);
    page.begin("while (true);");
    const start = performance.now();
    await ending.kernels.close();
    expect(performance.now() - start).toBeLessThan(8000);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(ending.kernels.activity().kernels).toBe(0);
    await ending.close();
  });

  it("ends a kernel that is just being started", async () => {
    const quiet = (): void => undefined;
    const options = { ...defaultOutputLimits, bufferBytes: 1000, log: quiet };
    const registry = new KernelRegistry(server.root, createKernelSpecs("veelab", {}, quiet), "veelab", options);
    const starting = registry.start({});
    await registry.close();
    const kernel = await starting;
    expect(registry.all()).toEqual([]);
    expect(kernel.state).toBe("dead");
  });
});

describe("bodies and ids of any kind", () => {
  const json = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        path: fc.oneof(fc.jsonValue(), fc.constantFrom("..", "x.ipynb")),
        type: fc.jsonValue(),
        name: fc.jsonValue(),
        notebook: fc.oneof(fc.jsonValue(), fc.record({ path: fc.jsonValue() })),
        kernel: fc.oneof(fc.jsonValue(), fc.record({ name: fc.constantFrom("none", 1, null), id: fc.jsonValue() })),
      },
      { requiredKeys: [] },
    ),
  );

  it("are answered, never with an error of the server", async () => {
    const { id } = await session({ path: "fuzz.ipynb", type: "notebook" });
    const target = fc.constantFrom(
      ...["POST /api/kernels", "POST /api/sessions", `PATCH /api/sessions/${id}`, "POST /api/kernels/x/restart"],
      ...[
        "PATCH /api/sessions/x",
        "POST /api/kernels/%00/interrupt",
        "GET /api/kernels/%ff",
        "DELETE /api/sessions/__proto__",
      ],
      ...["GET /api/kernelspecs/constructor", "GET /kernelspecs/veelab/toString", "PUT /api/kernels"],
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(target, json, async (where, body) => {
        const [method = "", path = ""] = where.split(" ");
        const { status } = await server.request(
          method,
          path,
          method === "GET" || method === "DELETE" ? undefined : body,
        );
        expect(status === 501 || status < 500, `${where} ${JSON.stringify(body)}: ${status}`).toBe(true);
        if (status !== 201) return;
        count += 1;
        for (const each of await kernelIds()) await server.request("DELETE", `/api/kernels/${each}`);
      }),
      { numRuns: 150 },
    );
    expect(count).toBeLessThan(150);
    expect(server.log.filter((line) => /\n\s+at /u.test(line))).toEqual([]);
  });
});

/** With a kernelspec named `broken` among those that are installed. */
async function withKernelspec(spec: unknown, work: (folder: string) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "veelab-specs-"));
  const folder = join(data, "kernels/broken");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), JSON.stringify(spec));
  const before = process.env["JUPYTER_PATH"];
  process.env["JUPYTER_PATH"] = data;
  try {
    await work(folder);
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, "JUPYTER_PATH");
    else process.env["JUPYTER_PATH"] = before;
    rmSync(data, { recursive: true });
  }
}
