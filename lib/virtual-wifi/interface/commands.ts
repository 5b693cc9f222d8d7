import { OptionError } from "../../core/errors.ts";
import { integer, oneOf, onlyOptions, positive } from "../../core/options.ts";

/**
 * A command of a guest's wireless driver.
 *
 * @example
 * ```ts
 * import type { GuestCommand } from "veelab/virtual-wifi";
 * const doze: GuestCommand = { kind: "power", wakeMs: 102.4 };
 * console.log(doze.kind);
 * ```
 */
export type GuestCommand =
  | {
      /** Registers and memory of the device, the EEPROM, and its initialisation; a scan. */
      readonly kind: "register" | "EEPROM" | "initialise" | "scan";
    }
  | {
      /** The guest's station joins a network, whereby its earlier keys and rates are forgotten; or gets a key for a peer. */
      readonly kind: "associate" | "key";
      /** An address. */
      readonly peer: string;
    }
  | {
      /** The rate of frames to a peer. */
      readonly kind: "rate";
      /** An address. */
      readonly peer: string;
      /** The data's rate, Mbps. */
      readonly rateMbps: number;
    }
  | {
      /** The channel of the guest's network. */
      readonly kind: "channel";
      /** Its number. */
      readonly channel: number;
    }
  | {
      /** The guest's station sleeps. */
      readonly kind: "power";
      /** It wakes but so often, ms, 1 or more; null: it stays awake. */
      readonly wakeMs: number | null;
    };

/** Whose matter a command is. */
export type CommandClass =
  /** The device model's: it answers from the state that it emulates. */
  | "local"
  /** The guest's own virtual MAC's. */
  | "own"
  /** The radio's, which all virtual MACs share. */
  | "shared";

/**
 * The class of each kind of command. That there are these three is recalled (medium), as is what belongs to the first and the last.
 *
 * @example
 * ```ts
 * import { commandClasses } from "veelab/virtual-wifi";
 * console.log(commandClasses.scan); // shared
 * ```
 */
export const commandClasses: Readonly<Record<GuestCommand["kind"], CommandClass>> = {
  register: "local",
  EEPROM: "local",
  initialise: "local",
  associate: "own",
  key: "own",
  rate: "shared",
  channel: "shared",
  scan: "shared",
  power: "shared",
};

/** Checks a command at the edge. */
export function checkCommand(where: string, command: GuestCommand): void {
  const given: unknown = command;
  if (typeof given !== "object" || given === null) throw new OptionError(where, "a command with its kind", given);
  oneOf(`${where}.kind`, command.kind, Object.keys(commandClasses));
  const fields = {
    ...{ register: [], EEPROM: [], initialise: [], associate: ["peer"], key: ["peer"], rate: ["peer", "rateMbps"] },
    ...{ channel: ["channel"], scan: [], power: ["wakeMs"] },
  }[command.kind];
  onlyOptions(command, ["kind", ...fields], where);
  if ("peer" in command && (typeof command.peer !== "string" || command.peer === ""))
    throw new OptionError(`${where}.peer`, "an address", command.peer);
  if (command.kind === "rate") positive(`${where}.rateMbps`, command.rateMbps);
  if (command.kind === "channel") integer(`${where}.channel`, command.channel, { min: 1, max: 233 });
  if (command.kind === "power" && command.wakeMs !== null && positive(`${where}.wakeMs`, command.wakeMs) < 1)
    throw new OptionError(`${where}.wakeMs`, "at least 1, or null", command.wakeMs);
}
