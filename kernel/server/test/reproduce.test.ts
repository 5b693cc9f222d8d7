import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { serve, type Serving } from "../http/test/serving.ts";
import { createReproduction, type ReproduceState, type Reproduction } from "../reproduce.ts";

let folder: string;
let server: Serving;
let reproduction: Reproduction;
const path = "/veelab/api/reproduce";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "veelab-reproduce-"));
  mkdirSync(join(folder, "notebooks"));
  reproduction = createReproduction(join(folder, "report"), join(folder, "notebooks"));
  server = await serve({ routes: reproduction.routes });
});
afterEach(async () => {
  reproduction.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function notebook(...sources: readonly string[]): void {
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    id: `c${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  writeFileSync(
    join(folder, "notebooks", "paper.ipynb"),
    JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }),
  );
}

const state = async (): Promise<ReproduceState> => (await server.call("GET", path)).json() as ReproduceState;
const ended = async (): Promise<ReproduceState> => {
  for (;;) {
    const now = await state();
    if (now.state !== "running") return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe("the reproduction from the page", () => {
  it("runs the notebooks, tells how far it is, and shows the report", async () => {
    notebook("await new Promise((resolve) => setTimeout(resolve, 300)); 6 * 7", "1 + 1");
    expect(await state()).toMatchObject({ state: "idle", report: null });
    expect((await server.call("GET", "/veelab/report/index.html")).status).toBe(404);
    expect((await server.call("POST", path)).status).toBe(202);
    expect((await server.call("POST", path)).status).toBe(409);
    const done = await ended();
    expect(done).toMatchObject({ state: "done", total: 2, message: null, report: "/veelab/report/index.html" });
    const report = await server.call("GET", done.report ?? "");
    expect(report.status).toBe(200);
    expect(report.text).toContain("paper.html");
    expect((await server.call("GET", "/veelab/report/paper.html")).text).toContain("42");
    const next = await serve({ routes: createReproduction(join(folder, "report")).routes });
    expect((await next.call("GET", path)).json()).toMatchObject({ state: "idle", report: done.report });
    await next.close();
  });

  it("says that a notebook failed, and where nothing could be run", async () => {
    notebook("throw new Error('no')");
    await server.call("POST", path);
    expect(await ended()).toMatchObject({ state: "done", message: expect.stringMatching(/failed/u) as string });
    rmSync(join(folder, "notebooks"), { recursive: true });
    await server.call("POST", path);
    expect(await ended()).toMatchObject({
      state: "failed",
      message: expect.stringMatching(/cannot be read/u) as string,
    });
  });

  it.each(["at once", "while it runs a cell"])("is cancelled %s, and leaves no half report", async (when) => {
    notebook("for (;;);");
    await server.call("POST", path);
    if (when !== "at once")
      for (let now = await state(); now.total === 0; now = await state()) await new Promise((r) => setTimeout(r, 50));
    expect((await server.call("DELETE", path)).status).toBe(204);
    expect(await ended()).toMatchObject({ state: "idle", message: expect.stringMatching(/Interrupted/u) as string });
    expect(existsSync(join(folder, "report", "index.html"))).toBe(false);
  });

  it("serves nothing but the report's own files", async () => {
    mkdirSync(join(folder, "report"));
    writeFileSync(join(folder, "report", "index.html"), "the report");
    writeFileSync(join(folder, "secret"), "no");
    symlinkSync(join(folder, "secret"), join(folder, "report", "link.html"));
    expect((await server.call("GET", "/veelab/report/")).text).toBe("the report");
    for (const name of ["link.html", "../secret", "%2e%2e/secret", "..%2fsecret", ".", "none.html"])
      expect((await server.call("GET", `/veelab/report/${name}`)).text, name).not.toBe("no");
    expect((await server.call("GET", "/veelab/report/link.html")).status).toBe(404);
  });
});
