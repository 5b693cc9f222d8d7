import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import { open } from "../../open.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { qemuVersion } from "../guest/capture-guest.ts";
import { withMachine } from "../guest/machine.ts";
import { radioImage } from "./radio-image.ts";
import { checkTraceFile } from "../trace-file.ts";

/** A capture of simulated radios. */
export interface RadioOptions {
  /** The trace's file, `.arrow` or `.arrow.gz`. */
  readonly out: string;
  /** How often the station pings five times and loads five pages; 5 when not given. */
  readonly rounds?: number;
  /** Is told what is being done. */
  readonly progress?: (step: string) => void;
  /** Ends the guest; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

/**
 * Boots a guest with Debian's full kernel, whose `mac80211_hwsim` simulates radios for Linux's own 802.11 stack: an
 * access point (hostapd) and a station, in networks of their own, talk over the air, and each frame is a row: time,
 * length, type, addresses, rate, channel. The stack is real; the air is not: it loses nothing, takes no time, and
 * knows no collisions. Needs Linux, QEMU, apt and a C compiler (with the static libc). Gives the provenance.
 *
 * Throws OptionError for an option out of range, for a program that is missing, and when the guest fails.
 *
 * @example
 * ```ts
 * import { captureRadio } from "veelab/datasets";
 *
 * // Needs QEMU: call it where that is installed.
 * export const captureAir = () => captureRadio({ out: "air.arrow.gz" });
 * ```
 */
export async function captureRadio(options: RadioOptions): Promise<Provenance> {
  const { out, rounds = 5, signal } = options;
  const progress = options.progress ?? (() => undefined);
  if (!(Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= 1000))
    throw new OptionError("rounds", "a whole number from 1 to 1000", rounds);
  checkTraceFile(out);
  const version = qemuVersion();
  const image = await radioImage(progress);
  progress("booting the guest");
  const pcap = await withMachine(
    { image, accelerator: "tcg", memoryMegabytes: 512, ...(signal === undefined ? {} : { signal }) },
    async (machine) => {
      progress("an access point and a station are on the air");
      await machine.run("radio", rounds, 0);
      return machine.file("/run/air.pcap");
    },
  );
  const scratch = await mkdtemp(join(tmpdir(), "veelab-radio-"));
  try {
    const capture = join(scratch, "air.pcap");
    await writeFile(capture, pcap);
    const frames = await open(capture, { as: "pcap", columns: radioTraceColumns });
    const provenance = {
      command: `veelab capture radio --rounds ${rounds}`,
      tool: `${version}, TCG; Linux's mac80211_hwsim, monitor interface hwsim0`,
      guest: image.versions.join(" "),
      rounds: String(rounds),
      frames: String(frames.numRows),
    };
    await writeArrow(out, frames, { metadata: provenance });
    return provenance;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Of a capture's columns those that a simulated radio can say. */
const radioTraceColumns = [
  "timeNs",
  "lengthBytes",
  "type",
  "transmitter",
  "receiver",
  "rateMbps",
  "channelMhz",
  "retry",
];
