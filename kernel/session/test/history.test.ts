import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { History } from "../history.ts";
import { openHistoryStore, type HistoryLimits, type HistoryStore } from "../history-store.ts";
import { startKernel, type LiveKernel } from "./live-kernel.ts";
import { openMemoryKernel } from "./memory-kernel.ts";

let data: string;
let folder: string;
const logged: string[] = [];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "veelab-history-"));
  folder = join(data, "history");
  logged.length = 0;
});
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

const open = (limits?: HistoryLimits): HistoryStore => openHistoryStore(folder, (line) => logged.push(line), limits);

/** A session of cells, one after another. */
async function session(codes: readonly string[], limits?: HistoryLimits): Promise<HistoryStore> {
  const store = open(limits);
  const kernel = openMemoryKernel(() => new History(store));
  for (const code of codes) await kernel.ask("execute_request", { code });
  kernel.close();
  await store.flushed();
  return store;
}

/** What a new session of these cells is told of the history. */
async function found(request: JsonObject, codes: readonly string[] = []): Promise<unknown> {
  const kernel = openMemoryKernel(() => new History(open()));
  for (const code of codes) await kernel.ask("execute_request", { code });
  const { reply } = await kernel.ask("history_request", request);
  kernel.close();
  return reply?.["history"];
}

describe("the history on disk", () => {
  const cases: Record<string, readonly [request: JsonObject, expected: unknown]> = {
    "has the last lines of all sessions, its own last": [
      { hist_access_type: "tail", n: 3 },
      [
        [2, 1, "4"],
        [2, 2, "1"],
        [3, 1, "6"],
      ],
    ],
    "has all where no number is given": [{ hist_access_type: "tail" }, { length: 6 }],
    "has outputs of this session and of earlier ones": [
      { hist_access_type: "tail", n: 3, output: true },
      [
        [2, 1, ["4", "4"]],
        [2, 2, ["1", "1"]],
        [3, 1, ["6", "6"]],
      ],
    ],
    "is searched in all sessions": [{ hist_access_type: "search", pattern: "[1]" }, []],
    "is searched by a pattern": [
      { hist_access_type: "search", pattern: "?" },
      [
        [1, 1, "1"],
        [2, 1, "4"],
        [2, 2, "1"],
        [3, 1, "6"],
      ],
    ],
    "is searched without doubles, of which the last stays": [
      { hist_access_type: "search", pattern: "?", unique: true, n: 3 },
      [
        [2, 1, "4"],
        [2, 2, "1"],
        [3, 1, "6"],
      ],
    ],
    "has the range of the session before": [
      { hist_access_type: "range", session: -1, start: 1, stop: 2 },
      [[2, 1, "4"]],
    ],
    "has the range of a session by its number": [
      { hist_access_type: "range", session: 1, start: 2, output: true },
      [
        [1, 2, ["let a = 2; a * 10", "20"]],
        [1, 3, ["throw 3", null]],
      ],
    ],
    "has the range of this session": [{ hist_access_type: "range", session: 0, start: 0 }, [[0, 1, "6"]]],
    "has this session by its number, too": [{ hist_access_type: "range", session: 3, start: 0 }, [[3, 1, "6"]]],
    "has nothing of sessions that never were": [{ hist_access_type: "range", session: -7, start: 0 }, []],
  };
  it.each(Object.entries(cases))("%s", async (_, [request, expected]) => {
    await session(["1", "let a = 2; a * 10", "throw 3"]);
    await session(["4", "1"]);
    const lines = await found(request, ["6"]);
    if (Array.isArray(expected)) expect(lines).toEqual(expected);
    else expect(lines).toMatchObject(expected as object);
  });

  it("has each line once, also while the session's file is being made", async () => {
    const history = new History(open());
    history.add(1, "x")(null);
    const request = {
      hist_access_type: "tail",
      output: false,
      raw: true,
      session: 0,
      start: 0,
      unique: false,
    } as const;
    const tails = [];
    for (let turn = 0; turn < 100; turn += 1) {
      tails.push(history.find({ ...request, stop: undefined, n: undefined, pattern: "*" }));
      await new Promise(setImmediate);
    }
    for (const tail of await Promise.all(tails)) expect(tail).toEqual([[1, 1, "x"]]);
  });

  it("is empty where nothing was run, and no file is made for it", async () => {
    expect(await found({ hist_access_type: "tail" })).toEqual([]);
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });

  it("keeps neither silent cells nor those that are not to be stored", async () => {
    const store = open();
    const kernel = openMemoryKernel(() => new History(store));
    await kernel.ask("execute_request", { code: "1", silent: true });
    await kernel.ask("execute_request", { code: "2", store_history: false });
    await kernel.ask("execute_request", { code: "3" });
    kernel.close();
    await store.flushed();
    expect(await found({ hist_access_type: "tail" })).toEqual([[1, 1, "3"]]);
  });

  it.skipIf(process.platform === "win32")("is its owner's alone to read", async () => {
    await session(["1"]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "000001.jsonl")).mode & 0o777).toBe(0o600);
  });

  it("passes over lines that are none, and over files that are none of its own", async () => {
    await session(["1", "2"]);
    const file = join(folder, "000001.jsonl");
    for (const line of [
      "",
      "{",
      '{"number":1',
      "7",
      "[]",
      '{"number":"1","input":"x"}',
      '{"number":9,"output":"of none"}',
    ])
      appendFileSync(file, `${line}\n`);
    appendFileSync(file, '{"number":3,"input":"3"}\n{"number":4,"inp');
    for (const name of ["notes.txt", "1.jsonl", "x00001.jsonl"])
      writeFileSync(join(folder, name), '{"number":1,"input":"x"}');
    writeFileSync(join(folder, "000007.jsonl"), Buffer.from([0xff, 0x00, 0x0a, 0x80]));
    expect(await found({ hist_access_type: "tail" })).toEqual([
      [1, 1, "1"],
      [1, 2, "2"],
      [1, 3, "3"],
    ]);
    expect(await (await session(["8"])).session()).toBe(8);
  });

  it("gives every one of many sessions at once a number of its own, and loses no line of any", async () => {
    const codes = Array.from({ length: 20 }, (_, index) => `${index}`);
    const stores = await Promise.all(Array.from({ length: 16 }, () => session(codes)));
    const numbers = await Promise.all(stores.map((store) => store.session()));
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    const reader = open();
    for (const number of numbers) expect((await reader.read(number)).map(({ input }) => input)).toEqual(codes);
  });

  it("is bounded: sessions that were written to least recently go first", async () => {
    const big = `"${"x".repeat(1000)}"`;
    for (const number of [1, 2, 3]) {
      await session([`${number}`]);
      utimesSync(join(folder, `00000${number}.jsonl`), 1000, number === 1 ? 3000 : 1000 + number);
    }
    await session(["4"], { sessions: 3, bytes: 1e6 });
    expect(readdirSync(folder)).toEqual(["000001.jsonl", "000003.jsonl", "000004.jsonl"]);
    await session([big]);
    // One that is too large by itself goes alone, the latest though it is.
    await session(["6"], { sessions: 9, bytes: 1000 });
    expect(readdirSync(folder)).toEqual(["000001.jsonl", "000003.jsonl", "000004.jsonl", "000006.jsonl"]);
    await session(["7"], { sessions: 9, bytes: 250 });
    expect(readdirSync(folder).length).toBeLessThan(4);
  });

  it("takes no more of one session than of all", async () => {
    const big = `"${"x".repeat(1000)}"`;
    const store = await session(["1", big, "3"], { sessions: 9, bytes: 1000 });
    expect((await store.read(1)).map(({ input }) => input)).not.toContain("3");
    expect(logged).toEqual([expect.stringContaining("this session has run more than 1000 characters") as string]);
  });

  it("that cannot be written is said once, and cells run", async () => {
    writeFileSync(folder, "a file where the folder should be");
    await session(["1", "2"]);
    await found({ hist_access_type: "tail" }, ["3"]);
    expect(logged).toEqual([
      expect.stringMatching(/^history: cells are not kept in .*history \(/) as string,
      expect.stringMatching(/^history: cells are not kept in .*history \(/) as string,
    ]);
  });
});

describe("kernels", () => {
  const started: LiveKernel[] = [];
  const start = async (history: string): Promise<LiveKernel> => {
    const kernel = await startKernel(data, { VEELAB_DATA_DIR: data, VEELAB_HISTORY: history });
    started.push(kernel);
    return kernel;
  };
  const tail = async (kernel: LiveKernel): Promise<unknown> =>
    (await kernel.client.request("shell", "history_request", { hist_access_type: "tail" }).reply)["history"];
  afterEach(async () => {
    for (const kernel of started.splice(0)) await kernel.stop();
  });

  it("know what ran in others, also in those that ended at once", async () => {
    const first = await start("on");
    await first.execute("const a = 1");
    await first.client.request("control", "shutdown_request", { restart: true }).reply;
    await first.process.exited;
    const [second, third] = [await start("on"), await start("on")];
    await Promise.all([second.execute("'second'"), third.execute("'third'")]);
    await third.client.request("control", "shutdown_request", { restart: false }).reply;
    await third.process.exited;
    const lines = (await tail(second)) as [number, number, string][];
    expect(lines.map(([, , input]) => input).sort()).toEqual(["'second'", "'third'", "const a = 1"]);
    expect(lines.at(-1)?.[2]).toBe("'second'");
  });

  it("keep nothing on disk when they are told not to", async () => {
    const kernel = await start("off");
    await kernel.execute("1");
    expect(await tail(kernel)).toEqual([[0, 1, "1"]]);
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });
});
