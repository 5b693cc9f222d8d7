import { eventQueue } from "../core/events.ts";
import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, onlyOptions } from "../core/options.ts";
import { type Actor, actorsOf, KINDS, nodeTime, type PlacedGraph } from "./actors.ts";
import { Circuits } from "./circuits.ts";
import { checkPlatform, type DeviceModel, type Platform } from "./platform.ts";
import { Server } from "./server.ts";

/**
 * How programs are simulated.
 *
 * @example
 * ```ts
 * import { platform2011, type SimulateOptions } from "veelab/heterogeneous-tasks";
 * const options: SimulateOptions = { platform: platform2011, batch: 1024, batches: 100 };
 * console.log(options.batches);
 * ```
 */
export interface SimulateOptions {
  /** The machine. */
  readonly platform: Platform;
  /** Iterations of each graph in a batch: what a queue holds as one, and a device is sent at once. */
  readonly batch: number;
  /** How many batches each program runs. */
  readonly batches: number;
  /** Batches that a queue has room for; 2 unless given. With 1 a task writes while nobody reads. */
  readonly depth?: number;
  /** Batches that a region on a device works at, one being marshalled while another is computed; 1 unless given, as Lime's substituted task works, as far as known. */
  readonly inFlight?: number;
  /** How long an FPGA stays as it is configured while others wait, s; 0 unless given. A batch that was begun is finished. */
  readonly quantumS?: number;
}

/**
 * What {@link simulate} gives, for all programs together.
 *
 * @example
 * ```ts
 * import type { SimulatedRow } from "veelab/heterogeneous-tasks";
 * const overhead = (row: SimulatedRow): number => 1 - row.computeS / row.seconds;
 * console.log(overhead);
 * ```
 */
export interface SimulatedRow {
  /** The programs' labels. */
  readonly program: string;
  /** The platform's label. */
  readonly platform: string;
  /** From the first batch's start to the last one's end, s. */
  readonly seconds: number;
  /** Iterations a second, of all programs together. */
  readonly iterationsPerS: number;
  /** From a batch's first beginning to its end, s: the mean. */
  readonly latencyS: number;
  /** The same of the first batch of the first program. */
  readonly firstLatencyS: number;
  /** Parts of `seconds` along its critical path, each of whose steps began when the one before ended: the five add up to `seconds`. Here: bringing values into their form to be sent and back. */
  readonly marshalS: number;
  /** On links. */
  readonly transferS: number;
  /** Calling devices. */
  readonly launchS: number;
  /** Computing, on devices and on the host. */
  readonly computeS: number;
  /** Loading configurations. */
  readonly reconfigureS: number;
  /** How often a configuration was loaded. */
  readonly reconfigurations: number;
  /** All in JavaScript, one task after the other on one core, s. */
  readonly hostS: number;
  /** `hostS` / `seconds`. */
  readonly speedUp: number;
  /** Steps simulated. */
  readonly events: number;
}

/**
 * How busy something was.
 *
 * @example
 * ```ts
 * import type { ResourceRow } from "veelab/heterogeneous-tasks";
 * const isBottleneck = (row: ResourceRow): boolean => row.utilisation > 0.9;
 * console.log(isBottleneck);
 * ```
 */
export interface ResourceRow {
  /** `host`, a link as `host to gpu`, or a device's label. */
  readonly resource: string;
  /** Time in use, s; of several cores or circuits their sum. */
  readonly busyS: number;
  /** `busyS` a second and core; of circuits, a second. */
  readonly utilisation: number;
}

/**
 * Runs programs on a model of a machine, by events. Each node on the host is a thread of its own, on as many cores as there are; a loop is one thread. A region on
 * a device marshals a batch, sends it, launches, computes, gets it back and unmarshals. Queues block: a batch begins when its input is there and its output has room. What
 * waits is served in the order in which it came; links work both ways at once. Times are whole picoseconds, so the breakdown adds up exactly. O(log n) a step.
 *
 * @throws OptionError for an option out of range, a place that is no region, regions that do not fit in an FPGA
 *
 * @example
 * ```ts
 * import { graph, map, platform2011, relocatable, simulate, sink, source } from "veelab/heterogeneous-tasks";
 * const wave = graph(source("f32").to(relocatable(map({ label: "wave", input: "f32" }, (x) => Math.sin(x)))).to(sink("f32")));
 * const { row } = simulate([{ label: "wave", graph: wave, places: [{ from: 1, to: 1, device: "gpu" }] }], {
 *   platform: platform2011, batch: 2 ** 20, batches: 10,
 * });
 * console.log(Math.abs(row.marshalS + row.transferS + row.launchS + row.computeS - row.seconds) < 1e-12); // true
 * ```
 */
export function simulate(
  programs: readonly PlacedGraph[],
  options: SimulateOptions,
): {
  /** The whole run. */
  readonly row: SimulatedRow;
  /** What each resource did. */
  readonly resources: readonly ResourceRow[];
} {
  onlyOptions(options, ["platform", "batch", "batches", "depth", "inFlight", "quantumS"]);
  const platform = checkPlatform(options.platform);
  const batch = integer("batch", options.batch, { min: 1, max: 2 ** 31 });
  const batches = integer("batches", options.batches, { min: 1, max: 2 ** 31 });
  const depth = integer("depth", options.depth ?? 2, { min: 1, max: 2 ** 20 });
  const inFlight = integer("inFlight", options.inFlight ?? 1, { min: 1, max: 2 ** 10 });
  const quantumPs = Math.round(1e12 * nonNegative("quantumS", options.quantumS ?? 0));
  checkPrograms(programs);

  const run = new Run(
    programs.map((program) => actorsOf(program, platform, batch)),
    { platform, batches, depth, inFlight, quantumPs },
  );
  run.all();
  const hostS = programs.reduce((sum, program) => {
    const time = nodeTime(program, platform);
    const once = program.graph.nodes.reduce(
      (all, { firings }, node) => all + time(node, undefined, firings * batch),
      0,
    );
    return sum + once * batches;
  }, 0);
  const seconds = run.nowPs / 1e12;
  const [marshalS = 0, transferS = 0, launchS = 0, computeS = 0, reconfigureS = 0] = Array.from(
    run.pathPs,
    (part) => part / 1e12,
  );
  return {
    row: {
      ...{ program: programs.map(({ label }) => label).join(" + "), platform: platform.label, seconds },
      iterationsPerS: (programs.length * batch * batches) / seconds,
      latencyS: run.latencyPs / (programs.length * batches) / 1e12,
      firstLatencyS: run.firstLatencyPs / 1e12,
      ...{ marshalS, transferS, launchS, computeS, reconfigureS, reconfigurations: run.reconfigurations },
      ...{ hostS, speedUp: hostS / seconds, events: run.events },
    },
    resources: run.resources(),
  };
}

function checkPrograms(programs: readonly PlacedGraph[]): void {
  const isList = (given: unknown): boolean => Array.isArray(given);
  if (!isList(programs) || programs.length === 0)
    throw new OptionError("programs", "one program or more, in an array", programs);
  for (const [at, { places }] of programs.entries())
    if (!isList(places))
      throw new OptionError(`programs[${at}].places`, "an array of places, empty where all is on the host", places);
}

interface Settings {
  readonly platform: Platform;
  readonly batches: number;
  readonly depth: number;
  readonly inFlight: number;
  readonly quantumPs: number;
}

/** An actor that works, among those of all programs. */
interface Working extends Actor {
  readonly program: number;
  /** Its configuration among those of all programs. */
  readonly circuit: number;
  /** Batches begun, batches whose input it needs no more, batches done. */
  begun: number;
  taken: number;
  done: number;
}

const reconfigurePs = (device: DeviceModel): number =>
  device.kind === "circuits" ? Math.round(device.reconfigureS * 1e12) : 0;

class Run {
  nowPs = 0;
  events = 0;
  latencyPs = 0;
  firstLatencyPs = 0;
  /** Along the critical path, up to the last step that ended. */
  readonly pathPs = new Float64Array(KINDS.length);
  readonly #settings: Settings;
  readonly #actors: Working[] = [];
  readonly #queue = eventQueue<number>();
  readonly #servers: (Server | Circuits)[];
  /** By job (an actor's batch in work): the phase it is in, and the critical path up to the phase's beginning. */
  readonly #phase: Uint8Array;
  readonly #path: Float64Array;
  /** By program: when the batches in work were begun, in a ring. */
  readonly #beganPs: readonly Float64Array[];

  constructor(programs: readonly (readonly Actor[])[], settings: Settings) {
    this.#settings = settings;
    const { platform, depth, inFlight } = settings;
    let configurations = 0;
    for (const [program, actors] of programs.entries()) {
      const offset = this.#actors.length;
      const shifted = (list: readonly number[]): readonly number[] => list.map((at) => at + offset);
      for (const actor of actors)
        this.#actors.push({
          ...actor,
          ...{ inputs: shifted(actor.inputs), outputs: shifted(actor.outputs), program },
          ...{ circuit: configurations + actor.configuration, begun: 0, taken: 0, done: 0 },
        });
      configurations += 1 + Math.max(...actors.map(({ configuration }) => configuration));
    }
    const jobs = this.#actors.length * inFlight;
    this.#phase = new Uint8Array(jobs);
    this.#path = new Float64Array((jobs + platform.devices.length) * KINDS.length);
    this.#beganPs = programs.map((actors) => new Float64Array((depth + inFlight) * (actors.length + 1)));
    const memories = platform.devices.length + 1;
    this.#servers = [
      new Server(platform.cores, jobs),
      ...Array.from({ length: memories ** 2 }, () => new Server(1, jobs)),
      ...platform.devices.map((device) =>
        device.kind === "kernels"
          ? new Server(1, jobs)
          : new Circuits(
              jobs,
              (job) => this.#actorOf(job).circuit,
              (job) => Math.floor(job / inFlight),
              settings.quantumPs,
            ),
      ),
    ];
  }

  get reconfigurations(): number {
    return this.#servers.reduce((sum, server) => sum + (server instanceof Circuits ? server.loads : 0), 0);
  }

  all(): void {
    for (const actor of this.#actors.keys()) this.#tryToBegin(actor);
    const jobs = this.#phase.length;
    const devicesAt = this.#servers.length - this.#settings.platform.devices.length;
    for (let event = this.#queue.next(); event !== undefined; event = this.#queue.next()) {
      this.events++;
      this.nowPs = this.#queue.now;
      const from = event * KINDS.length;
      if (event >= jobs) {
        const device = event - jobs;
        const model = this.#settings.platform.devices[device]!;
        this.pathPs.set(this.#path.subarray(from, from + KINDS.length));
        this.pathPs[4]! += reconfigurePs(model);
        (this.#servers[devicesAt + device] as Circuits).loaded(this.nowPs);
        this.#serve(devicesAt + device);
        continue;
      }
      const actor = this.#actorOf(event);
      const phase = actor.phases[this.#phase[event]!]!;
      for (let kind = 0; kind < KINDS.length; kind++) this.pathPs[kind] = this.#path[from + kind]! + phase.ps[kind]!;
      this.#servers[phase.resource]!.release(event, phase.totalPs);
      this.#ended(event, actor);
      this.#serve(phase.resource);
    }
  }

  resources(): readonly ResourceRow[] {
    const { platform } = this.#settings;
    const names = ["host", ...platform.devices.map(({ label }) => label)];
    const labels = ["host", ...names.flatMap((from) => names.map((to) => `${from} to ${to}`)), ...names.slice(1)];
    return this.#servers.flatMap(({ busyPs, capacity }, at) =>
      busyPs === 0 && at > 0
        ? []
        : [{ resource: labels[at]!, busyS: busyPs / 1e12, utilisation: busyPs / capacity / this.nowPs }],
    );
  }

  #actorOf(job: number): Working {
    return this.#actors[Math.floor(job / this.#settings.inFlight)]!;
  }

  /** A phase of a job ended. */
  #ended(job: number, actor: Working): void {
    const at = this.#phase[job]!;
    if (at === 0) {
      actor.taken++;
      for (const other of actor.inputs) this.#tryToBegin(other);
    }
    if (at + 1 < actor.phases.length) {
      this.#phase[job] = at + 1;
      this.#wait(job, actor.phases[at + 1]!.resource);
      return;
    }
    if (actor.last) this.#batchEnded(actor);
    actor.done++;
    for (const other of actor.outputs) this.#tryToBegin(other);
    this.#tryToBegin(Math.floor(job / this.#settings.inFlight));
  }

  #tryToBegin(at: number): void {
    const { batches, depth, inFlight } = this.#settings;
    const actor = this.#actors[at]!;
    const batch = actor.begun;
    if (batch === batches || batch - actor.done >= (actor.isRegion ? inFlight : 1)) return;
    for (const input of actor.inputs) if (this.#actors[input]!.done <= batch) return;
    for (const output of actor.outputs) if (batch - this.#actors[output]!.taken >= depth) return;
    actor.begun++;
    if (actor.first) {
      const ring = this.#beganPs[actor.program]!;
      ring[batch % ring.length] = this.nowPs;
    }
    const job = at * inFlight + (batch % inFlight);
    this.#phase[job] = 0;
    this.#wait(job, actor.phases[0]!.resource);
    this.#tryToBegin(at);
  }

  #wait(job: number, resource: number): void {
    this.#servers[resource]!.wait(job);
    this.#serve(resource);
  }

  /** Begins what a resource has room for; what begins does so because of the step that ended last. */
  #serve(resource: number): void {
    const server = this.#servers[resource]!;
    for (let job = server.next(this.nowPs); job >= 0; job = server.next(this.nowPs)) {
      this.#path.set(this.pathPs, job * KINDS.length);
      this.#queue.schedule(this.nowPs + this.#actorOf(job).phases[this.#phase[job]!]!.totalPs, job);
    }
    if (server instanceof Circuits && server.mustLoad(this.nowPs)) {
      const device = resource - (this.#servers.length - this.#settings.platform.devices.length);
      const event = this.#phase.length + device;
      this.#path.set(this.pathPs, event * KINDS.length);
      this.#queue.schedule(this.nowPs + reconfigurePs(this.#settings.platform.devices[device]!), event);
    }
  }

  #batchEnded(actor: Working): void {
    const ring = this.#beganPs[actor.program]!;
    const latency = this.nowPs - ring[actor.done % ring.length]!;
    this.latencyPs += latency;
    if (actor.program === 0 && actor.done === 0) this.firstLatencyPs = latency;
  }
}
