import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";

import type { JsonObject } from "../../../protocol/json.ts";
import type { ContentsOptions } from "../contents.ts";
import type { Model } from "../model.ts";
import { serveNewFolder, type Served } from "./served.ts";

/** A new folder behind a server, for each test of the file that takes it from here; nothing unforeseen may be logged. */
export let served: Served;
beforeEach(async () => (served = await serveNewFolder()));
afterEach(async () => {
  expect(served.log).toEqual([]);
  await served.close();
});

/** Ends that server, and serves another new folder. */
export async function serveAnew(options: Partial<ContentsOptions>): Promise<void> {
  await served.close();
  served = await serveNewFolder(options);
}

/** Writes a file of the folder. */
export const put = (path: string, text: string): Promise<void> => writeFile(join(served.root, path), text);
/** A file of the folder. */
export const text = (path: string): Promise<string> => readFile(join(served.root, path), "utf8");
/** What the server says of a path. */
export const get = async (path: string): Promise<Model> =>
  (await served.ask("GET", `/api/contents/${path}`)).json as Model;

/** A notebook without a cell. */
export const notebook: JsonObject = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
/** A cell that has not run. */
export const codeCell = (source: string): JsonObject => ({
  cell_type: "code",
  id: "a",
  metadata: {},
  source,
  execution_count: null,
  outputs: [],
});
