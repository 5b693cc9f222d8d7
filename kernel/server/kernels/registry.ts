import { HttpError } from "../http/route.ts";
import { Kernel, type KernelOptions } from "./kernel.ts";
import type { KernelSpecs } from "./kernelspecs.ts";
import { workingFolder } from "./working-folder.ts";

/** What a new kernel is for. */
export interface KernelRequest {
  /** The kernelspec's name; the default kernel without one. */
  readonly name?: string | undefined;
  /** The document's path, or a folder's. */
  readonly path?: string | undefined;
}

/** The kernels that run. */
export class KernelRegistry {
  readonly #kernels = new Map<string, Kernel>();
  readonly #root: string;
  readonly #specs: KernelSpecs;
  readonly #defaultKernel: string;
  readonly #options: KernelOptions;
  /** The starts and the ends under way: the server's own end waits for them. */
  readonly #starting = new Set<Promise<Kernel>>();
  readonly #ending = new Set<Promise<void>>();
  #lastActivity = new Date();
  #closed = false;

  constructor(root: string, specs: KernelSpecs, defaultKernel: string, options: KernelOptions) {
    this.#root = root;
    this.#specs = specs;
    this.#defaultKernel = defaultKernel;
    this.#options = options;
  }

  /** When a kernel last did something. */
  get lastActivity(): Date {
    for (const { lastActivity } of this.#kernels.values())
      if (lastActivity > this.#lastActivity) this.#lastActivity = lastActivity;
    return this.#lastActivity;
  }

  all(): Kernel[] {
    return [...this.#kernels.values()];
  }

  find(id: string): Kernel | undefined {
    return this.#kernels.get(id);
  }

  /** @throws HttpError 404 */
  get(id: string): Kernel {
    const kernel = this.find(id);
    if (kernel === undefined) throw new HttpError(404, `Kernel does not exist: ${id.slice(0, 80)}`);
    return kernel;
  }

  /**
   * Starts a kernel's process, which answers later.
   *
   * @throws HttpError 501 when no kernel has this name, 404 for a path out of the root, 500 when its command cannot be started
   */
  start(request: KernelRequest): Promise<Kernel> {
    const start = this.#start(request).finally(() => this.#starting.delete(start));
    this.#starting.add(start);
    return start;
  }

  async #start({ name = this.#defaultKernel, path = "" }: KernelRequest): Promise<Kernel> {
    const spec = await this.#specs.find(name);
    if (spec === undefined)
      throw new HttpError(
        501,
        `The '${name}' kernel is not available. Please pick another suitable kernel instead, or install that kernel.`,
      );
    const folder = await workingFolder(this.#root, path);
    // By this name a kernel, and what runs in it, knows its notebook.
    const kernel = new Kernel({ ...spec, env: { ...spec.env, JPY_SESSION_NAME: path } }, folder, this.#options);
    try {
      await kernel.start();
    } catch (cause) {
      throw new HttpError(500, `the kernel ${spec.name} cannot be started: ${(cause as Error).message}`, { cause });
    }
    this.#kernels.set(kernel.id, kernel);
    if (this.#closed) await this.end(kernel);
    return kernel;
  }

  /** Ends a kernel. It is not listed from this call on; the promise resolves when it is gone. */
  end(kernel: Kernel): Promise<void> {
    this.#lastActivity = new Date();
    this.#kernels.delete(kernel.id);
    const end = kernel
      .shutdown()
      .catch((error: unknown) => {
        this.#options.log(`kernel ${kernel.id}: its end failed: ${String(error)}`);
      })
      .finally(() => this.#ending.delete(end));
    this.#ending.add(end);
    return end;
  }

  /** Ends all kernels, and those that are being started. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const kernel of this.all()) void this.end(kernel);
    // Each ends its kernel by itself, now that this is closed.
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#ending);
  }
}
