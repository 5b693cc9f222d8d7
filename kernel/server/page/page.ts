import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../package-root.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { InputError } from "../../run/input-error.ts";

/** The scripts and style sheets of one of the front end's two applications, under `/static/`. */
export interface Shell {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  /** What each view loads besides, so that the browser can ask for all of it at once. */
  readonly preloads: Readonly<Record<string, readonly string[]>>;
}

/** The front end as `kernel/page/build.mjs` made it. */
export interface Page {
  readonly folder: string;
  readonly version: string;
  readonly notebook: Shell;
  readonly lab: Shell;
  /** By a plugin's id (`<package>:<plugin>`): its schema's file in the folder, and its package's version. */
  readonly settings: ReadonlyMap<string, { readonly schema: string; readonly version: string }>;
  /** Other defaults for some settings, by plugin. */
  readonly overrides: Readonly<Record<string, JsonObject>>;
  /** All files below a subfolder, relative to it. */
  files(subfolder: string): ReadonlySet<string>;
}

/**
 * Reads what the page's build left.
 *
 * @throws InputError when it was not built
 */
export function loadPage(folder: string = join(packageRoot(), "kernel", "page", "dist")): Page {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  } catch (cause) {
    throw new InputError(`the page is not built in ${folder} (npm start builds it)`, { cause });
  }
  const { version, shells, settings, overrides } = manifest;
  return {
    folder,
    version,
    ...shells,
    settings: new Map(Object.entries(settings)),
    overrides,
    files: (subfolder) => filesBelow(join(folder, subfolder)),
  };
}

interface Manifest {
  readonly version: string;
  readonly shells: { readonly notebook: Shell; readonly lab: Shell };
  readonly settings: Readonly<Record<string, { readonly schema: string; readonly version: string }>>;
  readonly overrides: Readonly<Record<string, JsonObject>>;
}

function filesBelow(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll("\\", "/"),
      ),
  );
}
