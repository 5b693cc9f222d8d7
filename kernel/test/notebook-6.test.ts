import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../run/free-ports.ts";
import { openPage, type Page } from "../server/kernels/test/page.ts";
import { installKernel, type InstalledKernel } from "./kernelspec-folder.ts";
import { tool } from "./tool.ts";

const python = "/usr/bin/python3";
const present =
  tool(python, ["-c", "import notebook; assert notebook.__version__ < '7'"], "jupyter-notebook") &&
  tool("/usr/bin/chromium", ["--version"], "chromium");

const headers = { authorization: "token test" };

describe.skipIf(!present)("Notebook 6, by its own server", () => {
  let installed: InstalledKernel;
  let server: ChildProcess;
  let address: string;
  let said = "";

  beforeAll(async () => {
    installed = await installKernel();
    const [port = 0] = await freePorts(1);
    address = `127.0.0.1:${port}`;
    const options = ["--allow-root", "--no-browser", "--ip=127.0.0.1", `--port=${port}`, "--NotebookApp.token=test"];
    const quiet = ["--NotebookApp.port_retries=0", `--NotebookApp.notebook_dir=${installed.folder}`];
    server = spawn(python, ["-m", "notebook", ...options, ...quiet], {
      env: { ...installed.env, HOME: installed.folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    server.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    while (
      !(await fetch(`http://${address}/api`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error(`the server ended: ${said}`);
      await wait(100);
    }
  });
  afterAll(async () => {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
    await installed.remove();
  });

  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`http://${address}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.ok, said).toBe(true);
    return response.status === 204 ? undefined : response.json();
  };

  it("starts the kernel, runs cells, asks, interrupts, restarts and ends it", async () => {
    const { id } = (await post("/api/kernels", { name: "veelab" })) as { id: string };
    const open = (): Promise<Page> =>
      openPage(`ws://${address}/api/kernels/${id}/channels`, { headers, protocols: [] });
    const page = await open();
    const { reply, output, text } = await page.execute("const kept = 1; console.log('printed'); display(kept); kept");
    expect(reply).toMatchObject({ status: "ok", execution_count: 1 });
    expect(text).toBe("printed\n");
    expect(output.map(({ header }) => header.msg_type)).toEqual(
      expect.arrayContaining(["execute_input", "stream", "display_data", "execute_result"]),
    );
    const asking = page.begin("await input('who? ')", { allow_stdin: true });
    const question = await page.wait(({ header }) => header.msg_type === "input_request");
    expect(question.content).toEqual({ prompt: "who? ", password: false });
    page.send("input_reply", { value: "Ada" }, "stdin", question.header);
    expect((await page.outcome(asking)).output).toContainEqual(
      expect.objectContaining({ content: expect.objectContaining({ data: { "text/plain": "'Ada'" } }) as unknown }),
    );
    const endless = page.begin("console.log('loop'); for (;;);");
    await page.wait(({ content }) => content["text"] === "loop\n");
    await post(`/api/kernels/${id}/interrupt`, {});
    expect((await page.outcome(endless)).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect((await page.execute("kept")).reply).toMatchObject({ status: "ok" });
    await page.close();
    await post(`/api/kernels/${id}/restart`, {});
    const after = await open();
    expect((await after.execute("typeof kept")).reply).toMatchObject({ status: "ok", execution_count: 1 });
    await after.close();
    const { status } = await fetch(`http://${address}/api/kernels/${id}`, { method: "DELETE", headers });
    expect(status).toBe(204);
  });

  it("runs a notebook's cells in a browser", async () => {
    const cell = (source: string): object => ({
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    });
    const notebook = {
      cells: [
        cell("const shown: { a: number } = { a: 1 };\nshown"),
        cell("display.html('<i id=\"ours\">' + (6 * 7) + '</i>')"),
      ],
      metadata: { kernelspec: { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" } },
      nbformat: 4,
      nbformat_minor: 4,
    };
    await writeFile(join(installed.folder, "cells.ipynb"), JSON.stringify(notebook));
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://${address}/notebooks/cells.ipynb?token=test`);
      await page.waitForFunction("window.Jupyter?.notebook?.kernel?.is_connected?.() === true");
      await page.evaluate("Jupyter.notebook.execute_all_cells()");
      await page.waitForSelector("#ours");
      expect(await page.textContent("#ours")).toBe("42");
      expect(await page.textContent(".output_result pre")).toContain("{ a: 1 }");
      // The number comes with the reply, on another socket than the output.
      await page.waitForFunction('document.querySelectorAll(".input_prompt")[1]?.textContent.includes("2")');
    } finally {
      await browser.close();
    }
  });
});
