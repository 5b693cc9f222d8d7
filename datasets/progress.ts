import { terminalBar } from "./terminal-bar.ts";

/** A progress bar as the host of the running code draws it. The host has the clock, the library has none. */
export interface Bar {
  /** Says how many steps are done, and what comes now. */
  update(done: number, note: string): void;
  /** Takes the bar away. */
  end(): void;
}

// As with the display key, the name is the whole agreement: veelab's kernel puts a function there, and another host may.
const OPEN = Symbol.for("veelab.progress");

type Open = (options: { readonly total: number; readonly label: string }) => Bar;

/** Opens a progress bar of the host's where it has them (a notebook), else on the terminal; where there is none, nobody sees it. */
export function openBar(total: number, label: string): Bar {
  const open = Reflect.get(globalThis, OPEN) as Open | undefined;
  return open?.({ total, label }) ?? terminalBar(total, label);
}
