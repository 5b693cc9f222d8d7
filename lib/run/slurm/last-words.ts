import { readFile } from "node:fs/promises";
import { outputOf } from "./sweep-folder.ts";

/** The last line that a task printed, for the sentence that tells of its end; empty where there is none. */
export async function lastWords(folder: string, task: string): Promise<string> {
  const [number, place] = task.split("-").map(Number);
  const printed = await readFile(outputOf(folder, number ?? 0, place ?? 0), "utf8").catch(() => "");
  const last = printed.trim().split("\n").at(-1) ?? "";
  return last === "" ? "" : ` (${last.slice(0, 300)})`;
}
