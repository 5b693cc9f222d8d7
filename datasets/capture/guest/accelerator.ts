import { access, constants, mkdir, readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import type { GuestImage } from "./image.ts";
import { type Accelerator, withMachine } from "./machine.ts";
import { guestCache } from "./packages.ts";

/** A guest on real hardware is ready in two seconds or three. */
const probeSeconds = 15;

/**
 * KVM where a guest really boots with it, QEMU's translator elsewhere: `/dev/kvm` may open on a machine where guests
 * hang. The trial is made once for each kernel of this machine and remembered in the cache folder.
 */
export async function findAccelerator(
  image: GuestImage,
  signal: AbortSignal | undefined,
  progress: (step: string) => void,
): Promise<Accelerator> {
  const usable = await access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!usable) return "tcg";
  const file = join(guestCache(), `accelerator-${release()}`);
  const known = (await readFile(file, "utf8").catch(() => "")).trim();
  if (known === "kvm" || known === "tcg") return known;
  progress(`trying KVM once, for at most ${probeSeconds} s`);
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
  const found = boots ? "kvm" : "tcg";
  await mkdir(guestCache(), { recursive: true });
  await writeFile(file, `${found}\n`);
  return found;
}
