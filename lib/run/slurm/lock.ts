import { randomUUID } from "node:crypto";
import { link, open, rename, rm, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { SimulationError } from "../../core/errors.ts";
import { pause } from "../pause.ts";

/** A coordinator that lives touches its lock that often. */
const BEAT_MS = 2000;
/** One that has not for so long is dead. */
const DEAD_MS = 6000;

/**
 * Makes a sweep's folder this coordinator's own; waits for the lock of one that died. Gives what releases it.
 *
 * @throws SimulationError when another process holds it and lives
 */
export async function lockFolder(folder: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const path = join(folder, "coordinator");
  const claim = `process ${process.pid} on ${hostname()} ${randomUUID()}`;
  while (!(await claimed(path, claim))) await waitForDeath(path, signal);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    // Where the whole folder is gone, the next coordinator may have made its own already.
    if ((await readLock(path))?.claim === claim) await rm(path, { force: true });
  };
}

async function claimed(path: string, claim: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx");
    await handle.writeFile(claim).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function waitForDeath(path: string, signal: AbortSignal): Promise<void> {
  const first = await readLock(path);
  for (let waited = 0; waited < DEAD_MS; waited += 500) {
    await pause(0.5, signal);
    const now = await readLock(path);
    if (now === undefined) return;
    if (now.modified === first?.modified && now.claim === first.claim) continue;
    const [holder] = /^process \d+ on \S+/.exec(now.claim) ?? ["another process"];
    throw new SimulationError("slurm", `expected a sweep that nobody runs now, got one of ${holder}`);
  }
  if (first !== undefined) await removeDead(path, first);
}

/** A lock as it was read. */
interface LockState {
  readonly claim: string;
  /** When it was last touched, ms. */
  readonly modified: number;
}

/** Removes a dead coordinator's lock; where another one has made its own there meanwhile, that stays. */
export async function removeDead(path: string, dead: LockState): Promise<void> {
  // Renamed, not removed: what it is can be read before it is gone.
  const taken = `${path}.${randomUUID()}`;
  await rename(path, taken).catch(() => undefined);
  const now = await readLock(taken);
  if (now !== undefined && (now.claim !== dead.claim || now.modified !== dead.modified))
    await link(taken, path).catch(() => undefined);
  await rm(taken, { force: true });
}

/** Read by opening it: only then does NFS ask the server. */
export async function readLock(path: string): Promise<LockState | undefined> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    return { claim: await handle.readFile("utf8"), modified: (await handle.stat()).mtimeMs };
  } finally {
    await handle.close();
  }
}
