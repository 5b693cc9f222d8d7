import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { serveKernels, type LiveKernels } from "./live-kernels.ts";
import type { Page, PageMessage } from "./page.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const MiB = 1024 * 1024;
let server: LiveKernels;
beforeAll(async () => {
  server = await serveKernels({ bufferBytes: MiB });
});
const temporary = mkdtemp(join(tmpdir(), "veelab-absence-"));
afterAll(async () => {
  await server.close();
  await rm(await temporary, { recursive: true });
});

const texts = (page: Page): string =>
  page.messages.map(({ content: { text } }) => (typeof text === "string" ? text : "")).join("");
/** Resolves when the kernel is in a state. */
const reach = async (kernel: string, state: string): Promise<void> => {
  for (;;) {
    const { body } = await server.request("GET", `/api/kernels/${kernel}`);
    if ((body as { execution_state: string }).execution_state === state) return;
    await after(20);
  }
};
const gone = async (kernel: string): Promise<void> => {
  while (((await server.request("GET", `/api/kernels/${kernel}`)).body as { connections: number }).connections > 0)
    await after(10);
};
/** Code that waits for a file. */
const until = (file: string): string =>
  `while (!(await import("node:fs")).existsSync(${JSON.stringify(file)})) await new Promise((done) => setTimeout(done, 10));`;
const code = (lines: number, pause: number, line = "line ${n}"): string =>
  `for (let n = 0; n < ${lines}; n++) { console.log(\`${line}\`); await new Promise((done) => setTimeout(done, ${pause})); } 'done'`;

describe("a page that was away", () => {
  it.each(["cut off", "closed"])("when %s and back in its session gets what it missed, in order, once", async (how) => {
    const kernel = await server.start();
    const page = await server.page(kernel, { session: "reader" });
    // What is on its way while a connection is cut is lost, so the cell waits for that after line 3.
    const left = join(await temporary, how);
    const id = page.begin(`${code(4, 20)}; ${until(left)} ${code(40, 20).replace("n = 0", "n = 4")}`);
    await page.wait(({ content: { text } }) => typeof text === "string" && text.includes("line 3"));
    if (how === "cut off") page.cut();
    else await page.close();
    await gone(kernel);
    await writeFile(left, "");
    await after(300);
    const back = await server.page(kernel, { session: "reader" });
    const { reply } = await back.outcome(id);
    expect(reply).toMatchObject({ status: "ok" });
    expect(texts(page) + texts(back)).toBe(Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join(""));
    await back.close();
  });

  it("gets the reply, the result and the question of a cell that went on without it", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel, { session: "asker" });
    await page.execute("1");
    const left = join(await temporary, "result");
    const id = page.begin(`console.log('a'); ${until(left)} 'result'`);
    await page.wait(({ parent_header: parent, content }) => parent.msg_id === id && content["text"] === "a\n");
    await page.close();
    await gone(kernel);
    await writeFile(left, "");
    await reach(kernel, "idle");
    const back = await server.page(kernel, { session: "asker" });
    const { output, reply } = await back.outcome(id);
    expect(output.map(({ header }) => header.msg_type)).toEqual(["execute_result", "status"]);
    expect(reply).toMatchObject({ status: "ok", execution_count: 2 });
    await back.close();
  });

  it("in another session starts anew, with the state of the kernel", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    page.begin(code(10, 20));
    await page.wait(({ content }) => content["execution_state"] === "busy");
    await page.close();
    await reach(kernel, "idle");
    const other = await server.page(kernel);
    await other.execute("2");
    expect(texts(other)).toBe("");
    expect(other.messages[0]?.content).toEqual({ execution_state: "idle" });
    await other.close();
  });

  it("gets the newest output within the limit, and is told what is missing and how to keep more", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel, { session: "small" });
    await page.execute("1");
    const id = page.begin(code(40, 75, "${n}:${'x'.repeat(100_000)}"));
    await page.wait(({ header, parent_header: parent }) => parent.msg_id === id && header.msg_type === "execute_input");
    await page.close();
    await reach(kernel, "idle");
    const back = await server.page(kernel, { session: "small" });
    const { text, reply, output } = await back.outcome(id);
    expect(reply).toMatchObject({ status: "ok" });
    expect(text.length).toBeLessThan(MiB + 1000);
    const [notice, ...rest] = text.split("\n");
    expect(notice).toMatch(/^veelab: \d\.\d MB of output are missing here: .* --output-buffer-bytes \(now 1048576\)/u);
    expect(rest.at(-2)?.startsWith("39:")).toBe(true);
    // Never dropped: the result, and by what the page knows that the cell has ended.
    expect(output.slice(-2).map(({ header }) => header.msg_type)).toEqual(["execute_result", "status"]);
    await back.close();
  });

  it("beside another page is remembered for as long as it tries to come back", async () => {
    const kernel = await server.start();
    const [one, two] = [await server.page(kernel, { session: "one" }), await server.page(kernel)];
    await one.execute("1");
    await one.close();
    await two.execute("console.log('meanwhile')");
    const back = await server.page(kernel, { session: "one" });
    await back.wait(({ content }) => content["text"] === "meanwhile\n");
    await Promise.all([back.close(), two.close()]);
  });
});

describe("a page that is slower than its kernel", () => {
  it("is kept no more for than the limit, and is told what it misses", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    await page.execute("1");
    const large = '({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "x".repeat(4_000_000) }) })';
    const fast = await server.page(kernel);
    page.socket.pause();
    const ids: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      ids.push((await fast.execute(large)).id);
      fast.messages.length = 0;
    }
    // 120 MB were published. What the page still gets is what waited: the buffer, the socket's share and the system's.
    page.socket.resume();
    const last = (message: PageMessage): boolean =>
      message.parent_header.msg_id === ids.at(-1) && message.content["execution_state"] === "idle";
    await page.wait(last, 30_000);
    const results = page.messages.filter(({ header }) => header.msg_type === "execute_result");
    expect(results.length).toBeLessThan(12);
    expect(texts(page)).toMatch(/MB of output are missing here/u);
    // Of every cell the page learns that it ended.
    const ended = page.messages.filter(({ content }) => content["execution_state"] === "idle");
    expect(ended.map(({ parent_header: parent }) => parent.msg_id)).toEqual(expect.arrayContaining(ids));
    await Promise.all([page.close(), fast.close()]);
  });
});
