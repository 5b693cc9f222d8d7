import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

let kernel: LiveKernel;
beforeEach(async () => {
  kernel = await startKernel();
});
afterEach(() => kernel.stop());

/**
 * What a notebook may do to the globals that the kernel's own code would like to use. Not `Array.prototype.push` or the
 * iterators of arrays, without which Node itself and its add-ons do not work.
 */
const replacements: Record<string, string> = {
  "a console of its own": "globalThis.console = { log: () => undefined } as any",
  "a promise of its own": "(globalThis as any).Promise = class { static resolve() { throw new Error('replaced') } }",
  "no promises at all": "delete (globalThis as any).Promise",
  "another then": "Promise.prototype.then = () => { throw new Error('replaced') }",
  "another map": "Array.prototype.map = () => { throw new Error('replaced') }",
  "another JSON": "JSON.stringify = () => { throw new Error('replaced') }",
  "no JSON": "delete (globalThis as any).JSON",
  "other methods of strings":
    "for (const name of ['split', 'replace', 'startsWith', 'slice', 'trim']) (String.prototype as any)[name] = () => { throw new Error('replaced') }",
  "other maps": "Map.prototype.get = Map.prototype.set = Set.prototype.add = () => { throw new Error('replaced') }",
  "other timers": "globalThis.setTimeout = globalThis.setImmediate = (() => { throw new Error('replaced') }) as any",
  "no process": "(globalThis as any).process = undefined",
  "no Buffer": "delete (globalThis as any).Buffer",
  "another Symbol.for": "Symbol.for = () => { throw new Error('replaced') }",
  "another prototype of all objects": "(Object.prototype as any).type = 'x'; (Object.prototype as any).value = 1",
  "a getter on all objects":
    "Object.defineProperty(Object.prototype, 'data', { get() { throw new Error('replaced') }, configurable: true })",
  "other reflections":
    "Object.entries = Object.keys = Object.assign = Reflect.get = (() => { throw new Error('replaced') }) as any",
  "an error that prepares its stack": "Error.prepareStackTrace = () => { throw new Error('replaced') }",
  "no stacks": "Error.stackTraceLimit = 0",
  "another fetch of prints": "process.stdout.write = () => { throw new Error('replaced') }",
};

describe("a cell that replaces what everybody uses", () => {
  for (const [name, code] of Object.entries(replacements)) {
    it(`is answered, and so are those after it: ${name}`, async () => {
      const { reply } = await kernel.execute(code);
      expect(["ok", "error"]).toContain(reply["status"]);
      // What works in such a notebook is its author's affair; that there is an answer is ours.
      for (const next of ["1 + 1", "await 1", "throw new Error('e')", "display(1)", "let = ;"])
        expect(["ok", "error"]).toContain((await kernel.execute(next)).reply["status"]);
      expect((await kernel.client.request("shell", "kernel_info_request", {}).reply)["status"]).toBe("ok");
    });
  }
});
