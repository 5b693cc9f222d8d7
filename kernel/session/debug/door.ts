import { fileURLToPath } from "node:url";
import { latestCell } from "../context.ts";
import { isPromise } from "../display/promise.ts";
import { plainText, render, type Rendering } from "../display/render.ts";
import type { Evaluator } from "../evaluate.ts";
import type { SourceIndex } from "../mapped-source.ts";
import { Variables, type Page, type Variable } from "./variables.ts";

/** What was read of a variable: nothing where its declaration has not been run. */
export type Reading = { readonly value: unknown } | undefined;

/** What the debugger, on the other thread, calls on the thread of user code: also where that is stopped, or in a loop. */
export interface Door {
  /** What was handed over for a call, by the call's number. */
  readonly given: Map<number, readonly unknown[]>;
  /** Calls a function of the door with what was handed over for that. */
  take(method: DoorCall, handed: number): unknown;
  /** Whether exceptions of cells may stop the program. */
  attach(attached: boolean): void;
  /**
   * The places in what was written of places in a script: lines and columns in turn, all from 0; -1 where there is none.
   * A script that is none of the notebook's has no places.
   */
  positions(url: string, places: readonly number[]): readonly number[];
  /** What was written, of a script that is the notebook's. */
  source(url: string): string | undefined;
  /** The local modules that were loaded. */
  modules(): readonly { readonly name: string; readonly path: string }[];
  /** The names of the variables in a scope's object. */
  names(scope: object): readonly string[];
  /** Variables by name: as they were read, those that could not be from a scope's object. */
  scope(names: readonly string[], readings: readonly Reading[]): readonly Variable[];
  list(reference: number, page: Page): readonly Variable[];
  show(name: string, value: unknown): Variable;
  set(reference: number, name: string, value: unknown): Variable;
  /** A value in all its forms; a promise of them only where it may be waited for. */
  render(value: unknown, wait: boolean): Rendering | Promise<Rendering>;
  /** Evaluates at the top level. */
  evaluate(code: string): unknown;
  /** Whether the cell that runs was interrupted. */
  interrupted(): boolean;
  /** Counts that the program has come to a breakpoint; gives how often. */
  hit(breakpoint: number): number;
  /** Lets go of all values. */
  clear(): void;
}

/** The functions of the door that the debugger calls. */
export type DoorCall = Exclude<keyof Door, "given" | "take">;

/** By this name the debugger finds it. */
export const doorExpression = 'globalThis[Symbol.for("veelab.kernel.debug")]';

/** References to scopes, which the debugger gives out itself, are below this one. */
export const firstValueReference = 1_000_000;

/** What the door is made of. */
export interface DoorParts {
  readonly sources: SourceIndex;
  readonly evaluator: Evaluator;
  /** The notebook's folder. */
  readonly directory: string;
}

/** Not called `eval`, it sees the top level alone. */
const evaluateGlobally: (code: string) => unknown = eval;

/** Opens the door on the thread of user code. */
export function openDoor({ sources, evaluator, directory }: DoorParts): void {
  const variables = new Variables(firstValueReference);
  const hits = new Map<number, number>();
  const door: Door = {
    given: new Map(),
    take(method, handed) {
      const given = door.given.get(handed) ?? [];
      door.given.delete(handed);
      return (door[method] as (...given: readonly unknown[]) => unknown)(...given);
    },
    attach(attached) {
      evaluator.stopsAtExceptions = attached;
      hits.clear();
    },
    positions(url, places) {
      const script = sources.get(url);
      const found: number[] = [];
      for (let at = 0; at < places.length; at += 2) {
        const place = script?.position(places[at]! + 1, places[at + 1]! + 1);
        found.push(place === undefined ? -1 : place.line - 1, place === undefined ? -1 : place.column - 1);
      }
      return found;
    },
    source: (url) => sources.get(url)?.source,
    modules() {
      const modules = new Map<string, { name: string; path: string }>();
      for (const [url, { name }] of sources) {
        if (!url.startsWith("file:")) continue;
        const path = fileURLToPath(url);
        modules.set(path, { name, path });
      }
      return [...modules.values()];
    },
    names: (scope) => Object.keys(scope),
    scope: (names, readings) =>
      names.flatMap((name, index) => {
        const reading = readings[index];
        return reading === undefined ? [] : [variables.show({ name, value: reading.value })];
      }),
    list: (reference, page) => variables.list(reference, page),
    show: (name, value) => variables.show({ name, value }),
    set: (reference, name, value) => variables.set(reference, name, value),
    render(value, wait) {
      const rendering = render(value, { directory });
      if (rendering !== undefined && (wait || !isPromise(rendering))) return rendering;
      return { data: { "text/plain": plainText(value) }, metadata: {} };
    },
    interrupted: () => latestCell().interrupted && !latestCell().finished,
    evaluate: (code) => evaluateGlobally(code),
    hit(breakpoint) {
      const hit = (hits.get(breakpoint) ?? 0) + 1;
      hits.set(breakpoint, hit);
      return hit;
    },
    clear() {
      variables.clear();
    },
  };
  Object.defineProperty(globalThis, Symbol.for("veelab.kernel.debug"), { value: door });
}
