import { packageRoot } from "../../datasets/package-root.ts";

/** Why a worker runs nothing of a sweep, in one sentence, and what to do where it has other code than the coordinator. */
export function whyRefused(error: unknown): string {
  const sentence = error instanceof Error ? error.message : String(error);
  if (!sentence.startsWith("worker: ")) return sentence;
  return `${sentence}: give each machine the same build of veelab and the same files; the worker's veelab is in ${packageRoot()}`;
}
