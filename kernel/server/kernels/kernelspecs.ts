import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";

import type { Json } from "../../protocol/json.ts";
import { installedKernels, OWN_NAMES, ownKernel, type KernelSpec } from "../../run/kernel-spec.ts";
import { HttpError, json, type Route } from "../http/route.ts";

/** The kernels that a notebook can have. */
export interface KernelSpecs {
  readonly routes: readonly Route[];
  /** The kernel that a notebook's kernelspec names; undefined when there is none. */
  find(name: string): Promise<KernelSpec | undefined>;
}

/** A kernel and the files that front ends show for it, by the names that Jupyter has for them. */
interface Entry {
  readonly spec: KernelSpec;
  readonly files: ReadonlyMap<string, string>;
}

const types: Readonly<Record<string, string>> = {
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".js": "text/javascript",
  ".css": "text/css",
};

/**
 * This package's own kernel and those that are installed for Jupyter.
 *
 * @param defaultKernel the kernel of new notebooks
 * @param resources the own kernel's files by their names in Jupyter, as `logo-svg`
 */
export function createKernelSpecs(
  defaultKernel: string,
  resources: Readonly<Record<string, string>>,
  log: (line: string) => void,
): KernelSpecs {
  const own: Entry = { spec: ownKernel(), files: new Map(Object.entries(resources)) };

  const all = async (): Promise<Map<string, Entry>> => {
    const entries = new Map([[own.spec.name, own]]);
    const installed = await installedKernels((error) => {
      log(error.message);
    });
    for (const { spec, folder } of installed)
      // Ours is there without being installed, and in the version that runs now.
      if (spec.name !== own.spec.name) entries.set(spec.name, { spec, files: await filesIn(folder) });
    return entries;
  };
  const find = async (name: string): Promise<Entry | undefined> => {
    if (name === own.spec.name) return own;
    const entries = await all();
    const wanted = name.toLowerCase();
    const found = [...entries.values()].find(({ spec }) => spec.name.toLowerCase() === wanted);
    return found ?? (OWN_NAMES.includes(wanted) ? own : undefined);
  };
  const known = async (name: string): Promise<Entry> => {
    const entry = await find(name);
    if (entry === undefined) throw new HttpError(404, `Kernel spec ${name} not found`);
    return entry;
  };

  return {
    find: async (name) => (await find(name))?.spec,
    routes: [
      {
        method: "GET",
        path: "/api/kernelspecs",
        answer: async () => {
          const entries = await all();
          const kernelspecs = Object.fromEntries([...entries].map(([name, entry]) => [name, model(entry)]));
          return json({ default: entries.has(defaultKernel) ? defaultKernel : own.spec.name, kernelspecs });
        },
      },
      {
        method: "GET",
        path: "/api/kernelspecs/:name",
        answer: async ({ params }) => json(model(await known(params["name"] ?? ""))),
      },
      {
        method: "GET",
        path: "/kernelspecs/:name/:file",
        policy: "file",
        answer: async ({ params }) => {
          const { files } = await known(params["name"] ?? "");
          // Only what is listed: the name is never made into a path.
          const file = [...files.values()].find((each) => basename(each) === params["file"]);
          const type = types[extname(file ?? "").toLowerCase()];
          if (file === undefined || type === undefined) throw new HttpError(404, "the kernel has no such file");
          const headers = { "content-type": type, "cache-control": "private, max-age=86400" };
          return { status: 200, headers, body: await readFile(file) };
        },
      },
    ],
  };
}

function model({ spec, files }: Entry): Json {
  return {
    name: spec.name,
    spec: {
      argv: spec.argv,
      env: spec.env,
      display_name: spec.displayName,
      language: spec.language,
      interrupt_mode: spec.interruptMode,
      metadata: spec.metadata,
    },
    resources: Object.fromEntries(
      [...files].map(([resource, file]) => [
        resource,
        `/kernelspecs/${encodeURIComponent(spec.name)}/${encodeURIComponent(basename(file))}`,
      ]),
    ),
  };
}

/** What of a kernel's folder Jupyter calls its resources. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch(() => []);
  return new Map(
    names.flatMap((name): [string, string][] => {
      if (name === "kernel.js" || name === "kernel.css") return [[name, join(folder, name)]];
      return name.startsWith("logo-") && extname(name) in types
        ? [[name.slice(0, -extname(name).length), join(folder, name)]]
        : [];
    }),
  );
}
