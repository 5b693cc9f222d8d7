import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tool } from "../../kernel/test/tool.ts";
import { packageRoot } from "../package-root.ts";
import { terminalBar } from "../terminal-bar.ts";

/** What a program says that runs on a terminal, or on none. */
async function said(program: string, onTerminal: boolean): Promise<string> {
  const node = [process.execPath, "--input-type=module", "--eval", program];
  const quoted = node.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const [command = "", ...args] = onTerminal ? ["script", "-qec", `stty cols 100; ${quoted}`, "/dev/null"] : node;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return text;
}

describe("the progress bar of a sweep on a terminal", () => {
  const sweep = `
    const { sweep } = await import("${join(packageRoot(), "dist/lib/core/index.js")}");
    const table = await sweep({ n: [1, 2, 3, 4] }, async ({ n }) => {
      await new Promise((resolve) => setTimeout(resolve, n === 1 ? 700 : 1));
      return { n2: n * n };
    });
    console.log(String(table.getChild("n2")));`;

  it.skipIf(!tool("script", ["--version"], "bsdutils"))("says how far it is, and leaves nothing", async () => {
    const text = await said(sweep, true);
    expect(text).toMatch(/\r\u001b\[2Ksweep \[#{6}-{18}\] 1\/4 {2}\d+ s, about \d+ s left {2}n=2\r\u001b\[2K/);
    expect(text.trim().split("\u001b[2K").at(-1)).toBe("[1,4,9,16]");
  });

  it("is not seen where no terminal is", async () => {
    expect((await said(sweep, false)).trim()).toBe("[1,4,9,16]");
  });

  it("leaves the last column free, and counts only what this run has done", () => {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 70, write: (text: string) => written.push(text) };
    let nowMs = 0;
    const bar = terminalBar(200, "sweep", stream as unknown as NodeJS.WriteStream, () => nowMs);
    bar.update(150, "first");
    nowMs = 499;
    bar.update(160, "soon");
    expect(written).toEqual([]);
    nowMs = 5000;
    bar.update(175, "a point of a long name that does not fit into the line");
    nowMs = 5099;
    bar.update(176, "too soon");
    bar.end();
    expect(written).toHaveLength(2);
    // 25 of 50 took 5 s.
    expect(written[0]).toMatch(/^\r\u001b\[2Ksweep \[#{21}-{3}\] 175\/200 {2}5 s, about 5 s left {2}a p/);
    expect(written[0]?.length).toBe(69 + "\r\u001b[2K".length);
  });
});
