import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startKernel } from "../session/test/live-kernel.ts";

const notes = (file: string): unknown[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

it("what a kernel of a test sends is looked at", async () => {
  const kernel = await startKernel();
  try {
    await kernel.execute("1 + 1");
  } finally {
    await kernel.stop();
  }
  const seen = notes(process.env["VEELAB_MESSAGE_FAULTS"]!);
  for (const type of ["status", "kernel_info_reply", "execute_input", "execute_result", "execute_reply"])
    expect(seen).toContainEqual({ seen: type });
});

it("a message that is wrong is noted, and sent", () => {
  const file = join(tmpdir(), `veelab-faults-of-${process.pid}`);
  const sender = `
    import { Router } from ${JSON.stringify(import.meta.resolve("zeromq"))};
    const parts = [{ msg_type: "execute_reply" }, { msg_type: "execute_request" }, {}, { status: "fine" }];
    const frames = ["client", "<IDS|MSG>", "signature", ...parts.map((part) => JSON.stringify(part))];
    new Router().send(frames.map((frame) => Buffer.from(frame))).then(() => console.log("sent"));`;
  const program = `
    const { Worker } = require("node:worker_threads");
    new Worker(new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(sender)}`)}), { workerData: { connection: { hb_port: 1 } } });`;
  try {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
      encoding: "utf8",
      env: { ...process.env, VEELAB_MESSAGE_FAULTS: file },
    });
    expect(stdout, stderr).toBe("sent\n");
    expect(notes(file)).toEqual([
      { fault: 'execute_reply: no such message on shell (status: "fine")', content: '{"status":"fine"}' },
      { seen: "execute_reply" },
    ]);
  } finally {
    rmSync(file, { force: true });
  }
});
