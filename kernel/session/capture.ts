import { Console } from "node:console";
import { nextTick } from "node:process";
import { StringDecoder } from "node:string_decoder";
import type { Outlet } from "./outlet.ts";

type Callback = (error?: Error | null) => void;

/**
 * Leads everything that is printed through `console` and `process.stdout`/`stderr` to the cell that prints it.
 * The console is a plain one of Node's: the inspector wraps the global one's methods and would keep the last
 * thousand messages with their arguments alive.
 */
export function capturePrinting(outlet: Outlet): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    const write = (chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean => {
      if (typeof chunk === "string")
        outlet.print(name, isPlain(encoding) ? chunk : Buffer.from(chunk, encoding as BufferEncoding).toString("utf8"));
      else if (chunk instanceof Uint8Array) outlet.print(name, decoder.write(Buffer.from(chunk)));
      else throw new TypeError(`process.${name}.write: expected a string or a Uint8Array, got ${typeof chunk}`);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done !== undefined) nextTick(done);
      return true;
    };
    process[name].write = write;
  }
  const print = (name: "stdout" | "stderr"): NodeJS.WritableStream =>
    ({
      write(text: string) {
        outlet.print(name, text);
        return true;
      },
    }) as unknown as NodeJS.WritableStream;
  const plain = new Console({
    stdout: print("stdout"),
    stderr: print("stderr"),
    ignoreErrors: false,
    colorMode: false,
  });
  // The global console stays the same object: `node:console` and libraries hold it.
  Object.assign(console, plain);
}

function isPlain(encoding: unknown): boolean {
  return encoding === undefined || typeof encoding === "function" || encoding === "utf8" || encoding === "utf-8";
}
