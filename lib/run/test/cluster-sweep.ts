import { type Table, tableToIPC } from "apache-arrow";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PointContext, Row } from "../../core/index.ts";
import { until } from "../../../kernel/test/daemon.ts";

/** 200 points. */
export const axes: { readonly entries: readonly number[]; readonly ways: readonly number[] } = {
  entries: Array.from({ length: 20 }, (_, index) => 16 * (index + 1)),
  ways: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
};

/** A point of {@link axes}. */
export interface Point {
  readonly entries: number;
  readonly ways: number;
}

/** Numbers that only the point's own stream and parameters give, and some that JSON cannot hold; one point throws. */
export function simulate({ entries, ways }: Point, { random }: PointContext): Row {
  if (entries === 160 && ways === 12) throw new RangeError("160 entries have no 12 ways");
  const sum = Array.from({ length: 50 }, () => random.float()).reduce((total, value) => total + value, 0);
  return { missRatio: sum / entries, sets: entries / ways, worst: ways > 24 ? Infinity : -0 };
}

/** As {@link simulate}; but who first comes to one point writes its process's number into a file of `folder`, and stays there. */
export function simulateWithVictim(point: Point, context: PointContext): Row | Promise<Row> {
  const { writeFileSync, renameSync } = process.getBuiltinModule("node:fs");
  if (point.entries === 80 && point.ways === 4) {
    try {
      writeFileSync(`${folder}/lock`, "", { flag: "wx" });
    } catch {
      return simulate(point, context);
    }
    writeFileSync(`${folder}/writing`, String(process.pid));
    renameSync(`${folder}/writing`, `${folder}/victim`);
    return new Promise<never>(() => undefined);
  }
  return simulate(point, context);
}

// A variable of the module for the type checker; a sweep is sent its own by `share`.
declare const folder: string;

/** The process that stays at a point of {@link simulateWithVictim}. */
export async function victim(shared: string): Promise<number> {
  const path = join(shared, "victim");
  await until(
    () =>
      access(path).then(
        () => true,
        () => false,
      ),
    () => "no point has begun",
  );
  return Number(await readFile(path, "utf8"));
}

/** A table's bytes, to compare. */
export const bytesOf = (table: Table): string => Buffer.from(tableToIPC(table)).toString("base64");

/** A folder for a test's time. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), "veelab-sweep-"));
  try {
    return await use(path);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}
