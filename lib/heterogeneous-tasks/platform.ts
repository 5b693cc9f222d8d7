import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions, positive } from "../core/options.ts";
import type { Operations } from "./operations.ts";
import type { TaskTime } from "./task-time.ts";

/**
 * A way between two memories.
 *
 * @example
 * ```ts
 * import type { Link } from "veelab/heterogeneous-tasks";
 * const pcie: Link = { latencyS: 1e-5, bytesPerS: 6e9 };
 * console.log(pcie.latencyS + 4096 / pcie.bytesPerS);
 * ```
 */
export interface Link {
  /** What a transfer takes besides, s. */
  readonly latencyS: number;
  /** Bandwidth, bytes/s. */
  readonly bytesPerS: number;
}

/**
 * A device in the simulator: a graphics processor, which runs one region at once, on many lanes; or an FPGA, where each region that is configured is a circuit of its own.
 *
 * @example
 * ```ts
 * import type { DeviceModel } from "veelab/heterogeneous-tasks";
 * const fpga: DeviceModel = { kind: "circuits", label: "fpga", launchS: 1e-5, clockHz: 1e8, operators: 2000, reconfigureS: 0.025 };
 * console.log(fpga.kind);
 * ```
 */
export type DeviceModel = {
  /** Name in tables and places. */
  readonly label: string;
  /** From the host's call to the first operation and back, s a batch. */
  readonly launchS: number;
} & (
  | {
      /** Takes one kernel after the other, a firing a lane. */
      readonly kind: "kernels";
      /** How many firings of a task go on at once. */
      readonly lanes: number;
      /** What each does, operations/s. */
      readonly laneOperationsPerS: number;
    }
  | {
      /** Holds circuits, and changes them. */
      readonly kind: "circuits";
      /** Each operator of a circuit does an operation a cycle, each edge moves an element, Hz. */
      readonly clockHz: number;
      /** The area: how many operators fit in at once. */
      readonly operators: number;
      /** Loading another configuration, s. */
      readonly reconfigureS: number;
    }
);

/**
 * A machine with a host and devices.
 *
 * @example
 * ```ts
 * import { type Platform, platform2011 } from "veelab/heterogeneous-tasks";
 * const twoCores: Platform = { ...platform2011, label: "two cores", cores: 2 };
 * console.log(twoCores.devices.length); // 2
 * ```
 */
export interface Platform {
  /** Name in tables and charts. */
  readonly label: string;
  /** The host's cores; a task outside of devices takes one. */
  readonly cores: number;
  /** What a core does of a task in JavaScript (in Lime: bytecode), operations/s. */
  readonly hostOperationsPerS: number;
  /** Bringing values into the form in which they are sent, and back: the language's side, bytes/s of a core. */
  readonly marshalBytesPerS: number;
  /** The copy on the native side, bytes/s of a core. */
  readonly nativeBytesPerS: number;
  /** The devices. */
  readonly devices: readonly DeviceModel[];
  /** From memory (row) to memory (column): 0 is the host's, then the devices' in their order. The diagonal is not used. */
  readonly links: readonly (readonly Link[])[];
  /** Whether neighbouring regions on devices pass data without the host. In Lime, as far as known, they do not. */
  readonly direct: boolean;
}

/**
 * A machine of Lime's time: a six-core processor, one graphics processor, one FPGA.
 *
 * @example
 * ```ts
 * import { platform2011 } from "veelab/heterogeneous-tasks";
 * console.log(platform2011.links[0]?.[1]?.bytesPerS); // 6030996807
 * ```
 */
export const platform2011: Platform = {
  label: "2011",
  // Core i7-990X at 3.46 GHz: recalled, medium, as a platform of PLDI 2012.
  cores: 6,
  // Assumption: an operation of compiled managed code in two cycles, with loads, bounds and loops. Our own JavaScript today takes about as many.
  hostOperationsPerS: 3.46e9 / 2,
  // Recalled, low: 0.2 to 1 GB/s of a core for boxed structures; the middle.
  marshalBytesPerS: 0.6e9,
  // Assumption: memcpy between memory and memory of one core then.
  nativeBytesPerS: 4e9,
  devices: [
    // GeForce GTX 580: 512 lanes at 1.544 GHz, an operation a cycle (recalled, high). A launch took 5 to 20 µs (recalled, high); the middle.
    { kind: "kernels", label: "gpu", launchS: 12.5e-6, lanes: 512, laneOperationsPerS: 1.544e9 },
    // A full configuration of 10 MB through the internal port at 400 MB/s (recalled, medium). Clock, operators and the driver's time: assumptions for a large FPGA then.
    { kind: "circuits", label: "fpga", launchS: 20e-6, clockHz: 100e6, operators: 2000, reconfigureS: 0.025 },
  ],
  // Host and first two CUDA devices of StarPU's host mirage, measured: tools/perfmodels/sampling/bus/mirage.{latency,bandwidth}. The FPGA's card has a device's figures.
  links: [
    [
      { latencyS: 0, bytesPerS: Infinity },
      { latencyS: 9.836008e-6, bytesPerS: 6030.996807e6 },
      { latencyS: 9.800445e-6, bytesPerS: 6011.099701e6 },
    ],
    [
      { latencyS: 10.565859e-6, bytesPerS: 6517.591026e6 },
      { latencyS: 0, bytesPerS: Infinity },
      { latencyS: 24.149859e-6, bytesPerS: 3074.66606e6 },
    ],
    [
      { latencyS: 12.277023e-6, bytesPerS: 6517.940403e6 },
      { latencyS: 25.184922e-6, bytesPerS: 3834.443072e6 },
      { latencyS: 0, bytesPerS: Infinity },
    ],
  ],
  direct: false,
};

const pcie4: Link = { latencyS: 3.75e-6, bytesPerS: 25e9 };
const inPlace: Link = { latencyS: 0, bytesPerS: Infinity };

/**
 * A machine of today: PCIe 4, primitive arrays that are sent as they are, neighbouring regions that stay on the device.
 *
 * @example
 * ```ts
 * import { platformToday } from "veelab/heterogeneous-tasks";
 * console.log(platformToday.direct); // true
 * ```
 */
export const platformToday: Platform = {
  label: "today",
  // Assumption: a desktop processor's performance cores.
  cores: 8,
  // Assumption: as in 2011 an operation in two cycles, at 4 GHz.
  hostOperationsPerS: 2e9,
  // Typed arrays cross as memory: the speed of a copy, as on the native side (assumption: 10 GB/s of a core).
  marshalBytesPerS: 10e9,
  nativeBytesPerS: 10e9,
  devices: [
    // GeForce RTX 4090: 16384 lanes at 2.52 GHz (recalled, high). A launch takes 2 to 5 µs (recalled, high); the middle.
    { kind: "kernels", label: "gpu", launchS: 3.5e-6, lanes: 16384, laneOperationsPerS: 2.52e9 },
    // Partial reconfiguration takes 1 to 100 ms (recalled, medium); the geometric middle. Clock, operators and the driver's time: assumptions for a large FPGA.
    { kind: "circuits", label: "fpga", launchS: 10e-6, clockHz: 300e6, operators: 10_000, reconfigureS: 0.01 },
  ],
  // PCIe 4 × 16: about 25 GB/s; the middle of launch and synchronisation, 5 to 10 µs together (recalled, high), half of it on each way, besides the launch: an assumption.
  links: [
    [inPlace, pcie4, pcie4],
    [pcie4, inPlace, pcie4],
    [pcie4, pcie4, inPlace],
  ],
  direct: true,
};

/** What a device, or the host, takes for firings of a node, from its operations. */
export function timeByOperations(platform: Platform, device: DeviceModel | undefined, node: Operations): TaskTime {
  const { executed, interval } = node;
  if (device === undefined) return (firings) => (firings * executed) / platform.hostOperationsPerS;
  if (device.kind === "kernels")
    return (firings) => (Math.ceil(firings / device.lanes) * executed) / device.laneOperationsPerS;
  return (firings) => (firings * interval) / device.clockHz;
}

/** A platform whose numbers are in range. */
export function checkPlatform(platform: Platform): Platform {
  onlyOptions(
    platform,
    [...["label", "cores", "hostOperationsPerS", "marshalBytesPerS", "nativeBytesPerS", "devices", "links"], "direct"],
    "platform",
  );
  integer("platform.cores", platform.cores, { min: 1, max: 4096 });
  for (const name of ["hostOperationsPerS", "marshalBytesPerS", "nativeBytesPerS"] as const)
    rate(`platform.${name}`, platform[name]);
  for (const [at, device] of platform.devices.entries()) {
    const where = `platform.devices[${at}]`;
    oneOf(`${where}.kind`, device.kind, ["kernels", "circuits"]);
    nonNegative(`${where}.launchS`, device.launchS);
    if (device.kind === "kernels") {
      integer(`${where}.lanes`, device.lanes, { min: 1 });
      positive(`${where}.laneOperationsPerS`, device.laneOperationsPerS);
    } else {
      positive(`${where}.clockHz`, device.clockHz);
      integer(`${where}.operators`, device.operators, { min: 1 });
      nonNegative(`${where}.reconfigureS`, device.reconfigureS);
    }
  }
  const size = platform.devices.length + 1;
  if (platform.links.length !== size || platform.links.some((row) => row.length !== size))
    throw new OptionError("platform.links", `${size} rows of ${size} links (the host and the devices)`, platform.links);
  for (const [from, row] of platform.links.entries())
    for (const [to, { latencyS, bytesPerS }] of row.entries()) {
      nonNegative(`platform.links[${from}][${to}].latencyS`, latencyS);
      rate(`platform.links[${from}][${to}].bytesPerS`, bytesPerS);
    }
  return platform;
}

/** Infinity is what takes no time. */
function rate(name: string, perS: number): void {
  if (!(perS > 0)) throw new OptionError(name, "a number > 0", perS);
}
