import { access, constants, mkdir, readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { OptionError } from "../../errors.ts";
import type { GuestImage } from "./image.ts";
import { type Accelerator, withMachine } from "./machine.ts";
import { guestCache } from "./packages.ts";

/** A guest on real hardware is ready in two seconds or three. */
const probeSeconds = 15;

/**
 * What is asked for; for `auto` KVM where a guest really boots with it, QEMU's translator elsewhere: `/dev/kvm` may open on a machine where
 * guests hang. The trial is made once for each kernel of this machine and remembered in the cache folder; for `kvm`, a trial that failed is
 * made again.
 *
 * Throws OptionError where `kvm` is asked for and no guest boots with it.
 */
export async function findAccelerator(
  asked: Accelerator | "auto",
  image: GuestImage,
  signal: AbortSignal | undefined,
  progress: (step: string) => void,
): Promise<Accelerator> {
  if (asked === "tcg") return "tcg";
  const opens = await access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  const file = join(guestCache(), `accelerator-${release()}`);
  const known = (await readFile(file, "utf8").catch(() => "")).trim();
  if (opens && known === "kvm") return "kvm";
  if (asked === "auto" && (!opens || known === "tcg")) return "tcg";
  const boots = opens && (await bootsWithKvm(image, signal, progress));
  if (opens) {
    await mkdir(guestCache(), { recursive: true });
    await writeFile(file, `${boots ? "kvm" : "tcg"}\n`);
  }
  if (boots) return "kvm";
  if (asked === "auto") return "tcg";
  const why = opens ? `no guest boots with KVM in ${probeSeconds} s on this machine` : "/dev/kvm cannot be opened";
  throw new OptionError("accelerator", `tcg or auto, as ${why}`, asked);
}

async function bootsWithKvm(
  image: GuestImage,
  signal: AbortSignal | undefined,
  progress: (step: string) => void,
): Promise<boolean> {
  progress(`trying KVM, for at most ${probeSeconds} s`);
  const boots = await withMachine(
    {
      image,
      accelerator: "kvm",
      memoryMegabytes: 256,
      bootSeconds: probeSeconds,
      ...(signal === undefined ? {} : { signal }),
    },
    () => Promise.resolve(true),
  ).catch(() => false);
  signal?.throwIfAborted();
  return boots;
}
