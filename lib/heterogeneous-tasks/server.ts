const NONE = -1;

/** Jobs that wait, first in, first out. Lines of which each job waits in one at most may share their links, one for each job. */
export class Line {
  /** How many wait. */
  length = 0;
  readonly #next: Int32Array;
  #first = NONE;
  #last = NONE;

  constructor(links: Int32Array) {
    this.#next = links;
  }

  /** The job that has waited longest; -1 where none waits. */
  get first(): number {
    return this.#first;
  }

  put(job: number): void {
    this.#next[job] = NONE;
    if (this.#last === NONE) this.#first = job;
    else this.#next[this.#last] = job;
    this.#last = job;
    this.length++;
  }

  /** Takes out the first job that is wanted; -1 where none is. */
  take(wanted: (job: number) => boolean): number {
    let before = NONE;
    for (let job = this.#first; job !== NONE; job = this.#next[job]!) {
      if (wanted(job)) {
        const next = this.#next[job]!;
        if (before === NONE) this.#first = next;
        else this.#next[before] = next;
        if (this.#last === job) this.#last = before;
        this.length--;
        return job;
      }
      before = job;
    }
    return NONE;
  }

  /** The first job that is wanted, which stays; -1 where none is. */
  find(wanted: (job: number) => boolean): number {
    for (let job = this.#first; job !== NONE; job = this.#next[job]!) if (wanted(job)) return job;
    return NONE;
  }
}

const any = (): boolean => true;

/** A number of equal places, each for a job at once: cores, a link, a graphics processor. */
export class Server {
  busyPs = 0;
  readonly capacity: number;
  readonly #line: Line;
  #free: number;

  constructor(capacity: number, jobs: number) {
    this.capacity = capacity;
    this.#free = capacity;
    this.#line = new Line(new Int32Array(jobs));
  }

  wait(job: number): void {
    this.#line.put(job);
  }

  /** The job that begins now; -1 where none does. */
  next(): number {
    if (this.#free === 0) return NONE;
    const job = this.#line.take(any);
    if (job !== NONE) this.#free--;
    return job;
  }

  /** A job is done, after so long. */
  release(_job: number, ps: number): void {
    this.#free++;
    this.busyPs += ps;
  }
}
