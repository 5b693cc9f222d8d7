import { OptionError } from "../../core/errors.ts";
import type { GuestCommand } from "./commands.ts";
import { hostDriver } from "./host-driver.ts";

/** What the radio does from one instant on and before another, whole ns. */
export interface RadioInterval {
  readonly fromNs: number;
  readonly untilNs: number;
  /**
   * "on": frames of this channel go. "power save": the null frames that tell its access points to keep, or to send, what comes. "switch": from one
   * channel to another. "scan", "asleep": neither sends nor hears. "off": no channel was asked for.
   */
  readonly state: "on" | "power save" | "switch" | "scan" | "asleep" | "off";
  /** Where it is; null where on none. */
  readonly channel: number | null;
}

/** A command of a guest's driver and when it comes, in the order of time. */
export interface TimedCommand {
  readonly atNs: number;
  readonly machine: number;
  readonly command: GuestCommand;
}

/** How long what the radio does takes, whole ns. */
export interface RadioTimes {
  /** From the end of a switch to the beginning of the next, null frames included. */
  readonly sliceNs: (channel: number) => number;
  readonly switchNs: number;
  readonly scanNs: number;
  /** How long it stays awake when it could sleep. */
  readonly stayNs: number;
  /** A null frame of each machine's virtual MAC, in an exchange of its own. */
  readonly nullNs: readonly number[];
}

/**
 * What the radio does until a time, by what the host's driver makes of the commands. While channels take turns, commands change the plan at the
 * end of a slice; a scan waits for it, too. Where all allow it and there is one channel, it is awake for a while in each of the shortest of
 * the guests' intervals. Linear in the intervals.
 */
export function radioSchedule(
  machines: number,
  commands: readonly TimedCommand[],
  times: RadioTimes,
  endNs: number,
): RadioInterval[] {
  const driver = hostDriver(machines);
  const intervals: RadioInterval[] = [];
  let nowNs = 0;
  const spend = (state: RadioInterval["state"], channel: number | null, lengthNs: number): void => {
    const untilNs = Math.min(nowNs + lengthNs, endNs);
    if (untilNs > nowNs) intervals.push({ fromNs: nowNs, untilNs, state, channel });
    nowNs += lengthNs;
  };
  let given = 0;
  // Where it is or was last, and whether that channel's access points keep what comes.
  let last: { readonly channel: number; readonly vmacs: readonly number[] } | null = null;
  let kept = false;
  const tell = (vmacs: readonly number[]): number => vmacs.reduce((sum, vm) => sum + times.nullNs[vm]!, 0);
  while (nowNs < endNs) {
    for (; given < commands.length && commands[given]!.atNs <= nowNs; given++)
      driver.command(commands[given]!.machine, commands[given]!.command);
    const untilNs = Math.min(commands[given]?.atNs ?? endNs, endNs);
    const { channels, wakeMs, scanning } = driver.radio();
    if (scanning) {
      if (last !== null && !kept) spend("power save", last.channel, tell(last.vmacs));
      kept = last !== null;
      spend("scan", null, times.scanNs);
      driver.endScan();
      continue;
    }
    if (channels.length === 0) {
      spend("off", null, untilNs - nowNs);
      continue;
    }
    const before = channels.findIndex(({ channel }) => channel === last?.channel);
    // The first slice of a run, and where the last one's channel is gone, is the first channel's.
    const here = channels[(before + 1) % channels.length]!;
    if (last !== null && here.channel !== last.channel) {
      if (!kept) spend("power save", last.channel, tell(last.vmacs));
      kept = true;
      spend("switch", null, times.switchNs);
    }
    const arrivedNs = nowNs;
    if (kept) spend("power save", here.channel, tell(here.vmacs));
    kept = false;
    last = here;
    if (channels.length > 1) {
      const goodbyeNs = tell(here.vmacs);
      const onNs = arrivedNs + times.sliceNs(here.channel) - goodbyeNs - nowNs;
      if (onNs <= 0)
        throw new OptionError(
          "sliceMs",
          `longer than null frames take, ${(nowNs - arrivedNs + goodbyeNs) / 1e6} ms`,
          times.sliceNs(here.channel) / 1e6,
        );
      spend("on", here.channel, onNs);
    } else if (wakeMs === null) spend("on", here.channel, untilNs - nowNs);
    else {
      const periodNs = Math.round(1e6 * wakeMs);
      const awakeNs = Math.min(times.stayNs, periodNs);
      spend("on", here.channel, awakeNs);
      spend("asleep", null, periodNs - awakeNs);
    }
  }
  return intervals;
}
