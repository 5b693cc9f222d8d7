import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PageConfig } from "@jupyterlab/coreutils";

import leftOut from "./left-out.json";
import type { Requested } from "./selection.ts";

// An application takes plugins of every type of shell and service: their types cannot be told apart here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Plugin = JupyterFrontEndPlugin<any, any, any>;

/** The wanted plugins of the requested extensions, without those that are left out or switched off. */
export async function pluginsOf(requested: readonly Requested[]): Promise<Plugin[]> {
  const plugins = new Map<string, Plugin>();
  for (const { module, wanted } of requested) {
    for (const plugin of exported<Plugin>(await module)) {
      const { id } = plugin;
      if (wanted !== true && !wanted.includes(id)) continue;
      // A page may want a plugin that every page has: it is one.
      if (!(id in leftOut) && !PageConfig.Extension.isDisabled(id)) plugins.set(id, plugin);
    }
  }
  return [...plugins.values()];
}

/** What an extension's module exports: a plugin or several, of an ES module or of a CommonJS one. */
function exported<T>(module: unknown): readonly T[] {
  const { default: named = module } = module as { default?: unknown };
  return (Array.isArray(named) ? named : [named]) as readonly T[];
}
