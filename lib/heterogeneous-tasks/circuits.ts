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
  /** Who waits, by configuration. */
  readonly #lines = new Map<number, Line>();
  readonly #links: Int32Array;
  /** By job: how many had come before it. */
  readonly #arrivals: Float64Array;
  #arrived = 0;
  #waiting = 0;
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
    this.#links = new Int32Array(jobs);
    this.#arrivals = new Float64Array(jobs);
    this.#configurationOf = configurationOf;
    this.#regionOf = regionOf;
    this.#quantumPs = quantumPs;
  }

  wait(job: number): void {
    const configuration = this.#configurationOf(job);
    let line = this.#lines.get(configuration);
    if (line === undefined) this.#lines.set(configuration, (line = new Line(this.#links)));
    line.put(job);
    this.#arrivals[job] = this.#arrived++;
    this.#waiting++;
  }

  /** The job that begins now; -1 where none does. */
  next(nowPs: number): number {
    if (this.#loading || this.#leaves(nowPs)) return -1;
    const job = this.#lines.get(this.#configuration)?.take(this.#isFree) ?? -1;
    if (job < 0) return job;
    this.#waiting--;
    this.#working.add(this.#regionOf(job));
    this.#used = true;
    return job;
  }

  /** Whether another configuration is loaded from now on. */
  mustLoad(nowPs: number): boolean {
    if (this.#loading || this.#working.size > 0) return false;
    if (!this.#othersWait()) return false;
    if (!this.#leaves(nowPs) && (this.#lines.get(this.#configuration)?.find(this.#isFree) ?? -1) >= 0) return false;
    this.#configuration = this.#longestAgo();
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

  /** Of the other configurations that something waits for, the one whose last load is longest ago; of equal ones, whose job came first. */
  #longestAgo(): number {
    let [best, load, arrival] = [-1, Infinity, Infinity];
    for (const [configuration, { first }] of this.#lines) {
      if (configuration === this.#configuration || first < 0) continue;
      const last = this.#loads[configuration] ?? 0;
      if (last < load || (last === load && this.#arrivals[first]! < arrival))
        [best, load, arrival] = [configuration, last, this.#arrivals[first]!];
    }
    return best;
  }

  readonly #isFree = (job: number): boolean => !this.#working.has(this.#regionOf(job));

  #othersWait(): boolean {
    return this.#waiting > (this.#lines.get(this.#configuration)?.length ?? 0);
  }

  /** Whether the quantum is over while others wait. */
  #leaves(nowPs: number): boolean {
    return this.#used && nowPs - this.#loadedPs >= this.#quantumPs && this.#othersWait();
  }
}
