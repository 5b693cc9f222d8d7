import { readFileSync } from "node:fs";

/** What of WebAssembly is used: Node's types have none of it. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

const modules = new Map<string, object>();

/** What every instance has beside its functions; its buffer is another one once a function has asked for more memory. */
export interface Assembly {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/**
 * A new instance, with a memory of its own, of a module of lib/assembly: hot loops that are compiled to WebAssembly when the
 * package is built; who asks knows its functions. Throws the system's error where the build was left out.
 *
 * @internal
 */
export function assembly(name: string): Assembly {
  let module = modules.get(name);
  if (module === undefined) {
    // The sources and what is built from them lie alike.
    module = new api.Module(readFileSync(new URL(`../assembly/${name}.wasm`, import.meta.url)));
    modules.set(name, module);
  }
  return new api.Instance(module, {}).exports as Assembly;
}
