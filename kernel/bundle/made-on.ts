import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";

/**
 * The day that a bundle of these notebooks is dated: that of `SOURCE_DATE_EPOCH`, else of the last commit of any of them, else of the last change of a file. Not today, so
 * that the same notebooks give the same archive.
 */
export async function madeOn(notebooks: readonly string[]): Promise<string> {
  const epoch = Number(process.env["SOURCE_DATE_EPOCH"]);
  if (Number.isInteger(epoch) && epoch > 0) return day(new Date(1000 * epoch));
  const dates = await Promise.all(
    notebooks.map(async (file) => (await committed(file)) ?? day((await stat(file)).mtime)),
  );
  return dates.sort().at(-1)!;
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** In UTC; undefined without git, outside of a repository, and for a file that is in none of its commits. */
async function committed(file: string): Promise<string | undefined> {
  const args = ["log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%d", "--", basename(file)];
  const options = { cwd: dirname(file), env: { ...process.env, TZ: "UTC" } };
  const said = await promisify(execFile)("git", args, options).catch(() => undefined);
  const date = said?.stdout.trim();
  return date === "" ? undefined : date;
}
