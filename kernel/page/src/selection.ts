import { extensions } from "./extensions.ts";

/** Of each extension all plugins, or those with these ids. */
export type Selection = Readonly<Record<string, true | readonly string[]>>;

/** An extension on its way, and which of its plugins are wanted. */
export interface Requested {
  readonly module: Promise<unknown>;
  readonly wanted: true | readonly string[];
}

/** Asks for the code of all extensions at once, before anything of it runs. */
export function request(...selections: readonly Selection[]): Requested[] {
  return selections.flatMap((selection) =>
    Object.entries(selection).map(([name, wanted]) => {
      const load = extensions[name];
      if (load === undefined) throw new Error(`${name}: expected an extension of the bundle`);
      return { module: load(), wanted };
    }),
  );
}
