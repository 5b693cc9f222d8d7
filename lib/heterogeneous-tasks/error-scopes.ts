import { SimulationError } from "../core/errors.ts";

/**
 * Makes things for an adapter one after the other, with what it refuses meanwhile as one sentence: its error scopes are one stack for all who use it, so two at once would
 * get each other's errors. The scopes are taken back however making ends.
 */
export function errorScopes(
  gpu: Pick<GPUDevice, "pushErrorScope" | "popErrorScope">,
): <T>(make: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return async (make) => {
    const made = before.then(async () => {
      gpu.pushErrorScope("validation");
      gpu.pushErrorScope("out-of-memory");
      const [result] = await Promise.allSettled([make()]);
      const [outOfMemory, invalid] = [await gpu.popErrorScope(), await gpu.popErrorScope()];
      const cause = outOfMemory ?? invalid;
      if (cause !== null) {
        const [sentence = ""] = cause.message.split("\n");
        throw new SimulationError("webgpu", `the adapter refused the graph: ${sentence}`, { cause });
      }
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    before = made.catch(() => undefined);
    return made;
  };
}
