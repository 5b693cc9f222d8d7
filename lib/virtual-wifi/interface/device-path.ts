import { OptionError } from "../../core/errors.ts";
import { integer, nonNegative, oneOf, onlyOptions } from "../../core/options.ts";

/**
 * How a guest reaches the radio.
 *
 * @example
 * ```ts
 * import { devicePaths, type DevicePath } from "veelab/virtual-wifi";
 * const patient: DevicePath = { ...devicePaths.coalesced, label: "2 ms", coalesceUs: 2000 };
 * console.log(patient.coalesceFrames);
 * ```
 */
export interface DevicePath {
  /** Name in tables and charts. */
  readonly label: string;
  /**
   * Where the device model is, which takes frames from the guest and gives them to the host's driver; "none": the system drives the interface
   * itself, which has one virtual MAC then.
   */
  readonly deviceModel: "none" | "user" | "kernel";
  /** Exits when the guest says that it has put frames into the ring. */
  readonly exitsPerKick: number;
  /** So many frames it puts there at most before it says so; fewer where no other is ready. */
  readonly kickFrames: number;
  /** Exits of an interrupt of the guest. */
  readonly exitsPerInterrupt: number;
  /** So many frames, sent or received, wait for an interrupt. */
  readonly coalesceFrames: number;
  /** The first of them waits no longer, µs; 0 where each has its own interrupt. */
  readonly coalesceUs: number;
  /** How often a frame's bytes are copied between guest and host. */
  readonly copies: number;
}

const native: DevicePath = {
  ...{ label: "native", deviceModel: "none", exitsPerKick: 0, kickFrames: 1, exitsPerInterrupt: 0 },
  ...{ coalesceFrames: 1, coalesceUs: 0, copies: 0 },
};

const emulated: DevicePath = {
  ...{ ...native, label: "user space", deviceModel: "user", copies: 1 },
  exitsPerKick: 1, // recalled, high: iwlwifi writes the ring's end once a frame
  // Assumption: the interrupt's mask is written twice, its cause acknowledged, its end written.
  exitsPerInterrupt: 4,
};
const kernel: DevicePath = { ...emulated, label: "+ kernel", deviceModel: "kernel" };
const batched: DevicePath = { ...kernel, label: "+ batched kicks", kickFrames: 16 }; // assumption
// Assumptions; the paper's are not available.
const coalesced: DevicePath = { ...batched, label: "+ coalescing", coalesceFrames: 16, coalesceUs: 500 };
const shared: DevicePath = { ...coalesced, label: "+ shared buffers", copies: 0 };

/**
 * Configurations. `emulated`: the device model in user space, a kick and an interrupt for each frame. Then mitigations, each with those before it:
 * `kernel`, `batched` (kicks), `coalesced` (interrupts), `shared` (buffers in place of a copy). `native`: no hypervisor.
 * `passthrough`: the guest owns the interface and its interrupts come through the hypervisor, with two exits (the interrupt and its end; recalled,
 * high); `posted`: without (today).
 *
 * @example
 * ```ts
 * import { devicePaths } from "veelab/virtual-wifi";
 * console.log(devicePaths.shared.copies); // 0
 * ```
 */
export const devicePaths: Readonly<
  Record<"native" | "emulated" | "kernel" | "batched" | "coalesced" | "shared" | "passthrough" | "posted", DevicePath>
> = {
  ...{ native, emulated, kernel, batched, coalesced, shared },
  passthrough: { ...native, label: "passthrough", exitsPerInterrupt: 2 },
  posted: { ...native, label: "passthrough, posted" },
};

/** Throws an OptionError unless every number is in range. */
export function checkDevicePath(path: DevicePath): void {
  const given: unknown = path;
  if (typeof given !== "object" || given === null)
    throw new OptionError("path", "a path, as devicePaths.emulated", given);
  const counts = ["exitsPerKick", "exitsPerInterrupt", "copies"] as const;
  onlyOptions(path, ["label", "deviceModel", "kickFrames", "coalesceFrames", "coalesceUs", ...counts], "path");
  oneOf("path.deviceModel", path.deviceModel, ["none", "user", "kernel"]);
  for (const name of counts) nonNegative(`path.${name}`, path[name]);
  for (const name of ["kickFrames", "coalesceFrames"] as const)
    integer(`path.${name}`, path[name], { min: 1, max: 1000 });
  nonNegative("path.coalesceUs", path.coalesceUs);
}
