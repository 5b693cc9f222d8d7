import { Line } from "./server.ts";

/**
 * An FPGA: the regions of the loaded configuration work side by side, each at one batch; those of others wait until it is loaded. A configuration stays while nothing else waits, and
 * for a quantum while something does; then what was begun is finished, and of those that wait, the one is loaded that was there longest ago.
 */
export class Circuits {
  busyPs = 0;
  readonly capacity = 1;
  /** How often a configuration was loaded. */
  loads = 0;
  readonly #line: Line;
  readonly #configurationOf: (job: number) => number;
  readonly #regionOf: (job: number) => number;
  readonly #quantumPs: number;
  /** By configuration: which load was its last. */
  readonly #loads: number[] = [];
  readonly #working = new Set<number>();
  #configuration = -1;
  #loadedPs = 0;
  #loading = false;
  /** Whether a job began since it was loaded: with a quantum of 0, nothing would ever begin otherwise. */
  #used = true;

  constructor(
    jobs: number,
    configurationOf: (job: number) => number,
    regionOf: (job: number) => number,
    quantumPs: number,
  ) {
    this.#line = new Line(jobs);
    this.#configurationOf = configurationOf;
    this.#regionOf = regionOf;
    this.#quantumPs = quantumPs;
  }

  wait(job: number): void {
    this.#line.put(job);
  }

  /** The job that begins now; -1 where none does. */
  next(nowPs: number): number {
    if (this.#loading || this.#leaves(nowPs)) return -1;
    const job = this.#line.take(this.#startable);
    if (job < 0) return job;
    this.#working.add(this.#regionOf(job));
    this.#used = true;
    return job;
  }

  /** Whether another configuration is loaded from now on. */
  mustLoad(nowPs: number): boolean {
    if (this.#loading || this.#working.size > 0) return false;
    const other = this.#line.least(this.#lastLoad);
    if (other < 0 || (!this.#leaves(nowPs) && this.#line.find(this.#startable) >= 0)) return false;
    this.#configuration = this.#configurationOf(other);
    this.#loading = true;
    return true;
  }

  /** The configuration is there. */
  loaded(nowPs: number): void {
    this.loads++;
    this.#loads[this.#configuration] = this.loads;
    this.#loading = false;
    this.#used = false;
    this.#loadedPs = nowPs;
  }

  /** A job is done, after so long. */
  release(job: number, ps: number): void {
    this.#working.delete(this.#regionOf(job));
    this.busyPs += ps;
  }

  readonly #elsewhere = (job: number): boolean => this.#configurationOf(job) !== this.#configuration;

  readonly #lastLoad = (job: number): number => {
    const configuration = this.#configurationOf(job);
    return configuration === this.#configuration ? Infinity : (this.#loads[configuration] ?? 0);
  };

  readonly #startable = (job: number): boolean =>
    this.#configurationOf(job) === this.#configuration && !this.#working.has(this.#regionOf(job));

  /** Whether the quantum is over while others wait. */
  #leaves(nowPs: number): boolean {
    return this.#used && nowPs - this.#loadedPs >= this.#quantumPs && this.#line.find(this.#elsewhere) >= 0;
  }
}
