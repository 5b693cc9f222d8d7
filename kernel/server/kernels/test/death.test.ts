import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { pythonWith } from "../../../run/test/python.ts";
import { serveKernels, type LiveKernels } from "./live-kernels.ts";
import type { Page, PageMessage } from "./page.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let server: LiveKernels;
beforeAll(async () => {
  server = await serveKernels();
});
afterAll(() => server.close());

/** Fills the heap in one step of V8's, which nothing can stop. */
const oneStep = `JSON.parse("[" + '{"a":[1.5]},'.repeat(2e6) + "0]").length`;

const state = (wanted: string) => (message: PageMessage) => message.content["execution_state"] === wanted;
const model = async (kernel: string): Promise<Record<string, unknown>> =>
  (await server.request("GET", `/api/kernels/${kernel}`)).body as Record<string, unknown>;

/** Executes code that ends the kernel, and waits until there is another. */
async function die(
  page: Page,
  code: string,
): Promise<{ outcome: Awaited<ReturnType<Page["outcome"]>>; after: PageMessage }> {
  const before = page.messages.length;
  const outcome = await page.execute(code);
  const later = (fits: (message: PageMessage) => boolean) => (message: PageMessage) =>
    page.messages.indexOf(message) >= before && fits(message);
  await page.wait(later(state("restarting")));
  const restarting = page.messages.findIndex(later(state("restarting")));
  const after = await page.wait(
    (message) => page.messages.indexOf(message) > restarting && state("idle")(message),
    30_000,
  );
  return { outcome, after };
}

describe("a kernel that dies", () => {
  it("says why under its cell, ends what waits, and is started again for the same page", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    const pid = Number((await page.execute("globalThis.kept = 1; console.log(process.pid)")).text);
    const queued = [
      page.begin("while (true);"),
      page.begin("'never runs'"),
      page.send("history_request", { hist_access_type: "tail", n: 1 }),
    ];
    await page.wait(
      ({ header, parent_header: parent }) => header.msg_type === "execute_input" && parent.msg_id === queued[0],
    );
    const info = await model(kernel);
    expect(info).toMatchObject({ execution_state: "busy" });
    expect(info).not.toHaveProperty("reason");

    process.kill(pid, "SIGKILL");
    const sentence =
      "The kernel was killed by the system (SIGKILL), probably for using too much memory. It was started again; its variables are lost.";
    const [running, waiting, other] = await Promise.all(queued.map((id) => page.outcome(id)));
    expect(running!.reply).toMatchObject({
      status: "error",
      ename: "KernelDied",
      evalue: sentence,
      execution_count: 2,
    });
    expect(running!.text).toBe(`${sentence}\n`);
    expect(waiting!.reply).toMatchObject({ status: "error", ename: "KernelDied" });
    expect(waiting!.reply).not.toHaveProperty("execution_count");
    expect(waiting!.text).toBe("");
    expect(other!.reply).toMatchObject({ status: "error", ename: "KernelDied" });

    // The page handles a message only when it is of the session that it heard last: the dead kernel's.
    const sessions = new Set(
      page.messages.slice(1, page.messages.findIndex(state("restarting"))).map(({ header }) => header.session),
    );
    expect([...sessions].length).toBeLessThanOrEqual(2);
    expect((await page.execute("typeof kept")).reply).toMatchObject({ status: "ok", execution_count: 1 });
    expect(await model(kernel)).toMatchObject({ execution_state: "idle", reason: sentence, connections: 1 });
    expect(server.log.at(-1)).toContain(sentence);
    await page.close();
  });

  it("of too little memory says so", async () => {
    process.env["NODE_OPTIONS"] = "--max-old-space-size=64";
    const kernel = await server.start();
    Reflect.deleteProperty(process.env, "NODE_OPTIONS");
    const page = await server.page(kernel);
    const { outcome } = await die(page, oneStep);
    expect(outcome.text).toContain("The kernel ran out of memory. It was started again; its variables are lost.\n");
    expect((await page.execute("1 + 1")).reply).toMatchObject({ status: "ok" });
    await page.close();
  });

  it("by its own hand too, five times within a minute, is not started again", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    for (let death = 1; death < 5; death += 1) await die(page, "process.kill(process.pid, 'SIGTERM')");
    const { text, reply } = await page.execute("process.kill(process.pid, 'SIGTERM')");
    const sentence =
      "The kernel was ended by SIGTERM, for the 5th time within a minute. It was not started again; restart it to go on.";
    expect(text).toBe(`${sentence}\n`);
    expect(reply).toMatchObject({ status: "error", evalue: sentence });
    // The page connects again, is refused, and asks for the model: so it learns the reason.
    expect(await page.closed).toEqual({ code: 1011, reason: "the kernel is dead" });
    await expect(server.page(kernel)).rejects.toThrow("410");
    expect(await model(kernel)).toMatchObject({ execution_state: "dead", reason: sentence, connections: 0 });

    expect((await server.request("POST", `/api/kernels/${kernel}/restart`)).status).toBe(200);
    expect(await model(kernel)).not.toHaveProperty("reason");
    const again = await server.page(kernel);
    expect((await again.execute("1 + 1")).reply).toMatchObject({ status: "ok" });
    await again.close();
  });

  it("is started again as often as a cell ends well in between", async () => {
    const page = await server.page(await server.start());
    for (let death = 1; death < 7; death += 1) {
      await die(page, "process.kill(process.pid, 'SIGTERM')");
      expect((await page.execute("1")).reply).toMatchObject({ status: "ok" });
    }
    await page.close();
  });

  it.skipIf(pythonWith("ipykernel") === undefined)("is named by its exit status", async () => {
    const page = await server.page(await server.start("python3"));
    const { outcome } = await die(
      page,
      "import os, time; print('last words', flush=True); time.sleep(0.3); os._exit(3)",
    );
    expect(outcome.text).toBe(
      "last words\nThe kernel ended with exit status 3. It was started again; its variables are lost.\n",
    );
    await page.close();
  });
});

describe.skipIf(pythonWith("ipykernel") === undefined)("a page that asked for the kernel's info before it died", () => {
  it("gets it from the kernel that is started then: it asks but once", async () => {
    const page = await server.page(await server.start("python3"));
    const pid = Number((await page.execute("import os, time; print(os.getpid())")).text);
    const sleeping = page.begin("time.sleep(100)");
    await page.wait(
      ({ header, parent_header: parent }) => header.msg_type === "execute_input" && parent.msg_id === sleeping,
    );
    const asked = page.send("kernel_info_request");
    process.kill(pid, "SIGKILL");
    expect((await page.outcome(sleeping)).reply).toMatchObject({ status: "error", ename: "KernelDied" });
    expect((await page.outcome(asked)).reply).toMatchObject({ status: "ok", implementation: "ipython" });
    await page.close();
  });
});

describe("a restart", () => {
  it("keeps the kernel's id and the page's socket, and loses the variables", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    await page.execute("globalThis.kept = 1");
    const running = page.begin("while (true);");
    await page.wait(
      ({ header, parent_header: parent }) => header.msg_type === "execute_input" && parent.msg_id === running,
    );
    const { status, body } = await server.request("POST", `/api/kernels/${kernel}/restart`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: kernel, name: "veelab", execution_state: "idle", connections: 1 });
    expect((await page.outcome(running)).reply).toMatchObject({ status: "error", ename: "KernelRestarted" });
    const { output, reply } = await page.execute("typeof kept");
    expect(JSON.stringify(output)).toContain("undefined");
    expect(reply).toMatchObject({ execution_count: 1 });
    // By the word "restarting" a page takes the kernel for dead, and says so.
    expect(page.messages.some(state("restarting"))).toBe(false);
    await page.close();
  });

  it("asked for twice at once happens twice, one after the other", async () => {
    const kernel = await server.start();
    const answers = await Promise.all([1, 2].map(() => server.request("POST", `/api/kernels/${kernel}/restart`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const page = await server.page(kernel);
    expect((await page.execute("1")).reply).toMatchObject({ status: "ok" });
    await page.close();
  });
});

describe("an interrupt", () => {
  it("stops a cell, whatever it does", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    await page.execute("1");
    for (const code of ["while (true);", "await new Promise(() => {})", "for (;;) await null"]) {
      const id = page.begin(code);
      await page.wait(
        ({ header, parent_header: parent }) => header.msg_type === "execute_input" && parent.msg_id === id,
      );
      const start = performance.now();
      await server.request("POST", `/api/kernels/${kernel}/interrupt`);
      expect((await page.outcome(id)).reply).toMatchObject({ status: "error" });
      // On an idle machine some 20; the rest is for what else runs beside the tests.
      expect(performance.now() - start).toBeLessThan(3000);
    }
    await page.close();
  });
});
