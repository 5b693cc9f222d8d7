import { setFlagsFromString } from "node:v8";
import vm from "node:vm";

/** What the thread of the sockets evaluates on the thread of user code to have its garbage collected, also within a loop. */
export const collectExpression = `globalThis[Symbol.for("veelab.kernel.collect")]?.()\n//# sourceURL=veelab:collect`;

/** Opens the door for that: the inspector's own command would wait for the end of a loop. */
export function openCollection(): void {
  let collect: (() => void) | undefined;
  const value = (): void => {
    if (collect === undefined) {
      // V8 gives its function to contexts that are made while the flag is set; cells do not get it.
      setFlagsFromString("--expose-gc");
      collect = vm.runInNewContext("gc") as () => void;
      setFlagsFromString("--no-expose-gc");
    }
    collect();
  };
  Object.defineProperty(globalThis, Symbol.for("veelab.kernel.collect"), { value });
}
