import { stat } from "node:fs/promises";
import { commandOf, UsageError } from "../../datasets/commands/arguments.ts";
import { interruptible } from "../../datasets/commands/interruption.ts";
import { restoreImage, verifyImage } from "./image/restore.ts";
import { saveImage } from "./image/save.ts";

const help = `Usage: veelab checkpoint save MEMORY DISK -o IMAGE [--compress]
       veelab checkpoint restore IMAGE DISK -o MEMORY
       veelab checkpoint verify IMAGE [DISK]

Saves a stopped guest's memory without what its disk holds: MEMORY is QEMU's dump (dump-guest-memory in ELF, or pmemsave's
raw bytes), DISK the guest's disk as a raw image. Pages of zeros, and pages that equal a block of the disk byte for byte, are
left out. The disk must not change until the restore, which gives MEMORY back byte for byte and notices if it did.

  save     writes an image and says what was left out
  restore  writes the memory; compares every checksum, of the image and of the blocks
  verify   compares every checksum; without DISK, those of the image alone

  -o, --out FILE   where the result goes; it appears whole or not at all
      --compress   save: compresses what is stored (DEFLATE, fastest level), which takes several times as long
  -h, --help       this text

Exit status: 0 done, 1 a file that cannot be read or does not have its checksum, 2 a command line that makes no sense or a
file that there is not, 130 interrupted (143 by SIGTERM). What fails or is interrupted leaves no file.
`;

const percent = (part: number, whole: number): string => `${whole === 0 ? 0 : ((100 * part) / whole).toFixed(1)} %`;

/** As elsewhere, a name that leads nowhere is of the command line, not of a file. */
async function there(files: readonly string[]): Promise<void> {
  for (const file of files)
    if ((await stat(file).catch(() => undefined)) === undefined)
      throw new UsageError(`no such file: ${JSON.stringify(file)}`);
}

/** `veelab checkpoint`: an image of a real guest's memory that leaves out what its disk holds. */
export const checkpointFiles: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab checkpoint",
  help,
  options: { out: { type: "string", short: "o" }, compress: { type: "boolean" } },
  async run({ values, positionals }) {
    const [verb, ...files] = positionals;
    const named = (names: readonly string[], least: number = names.length): void => {
      if (files.length < least || files.length > names.length)
        throw new UsageError(`expected ${names.join(" ")} after ${verb!}, got ${files.length} files`);
    };
    const out = (): string => {
      if (values.out === undefined) throw new UsageError("--out: expected a file, got none");
      return values.out;
    };
    if (verb === "save") {
      named(["MEMORY", "DISK"]);
      const to = out();
      await there(files);
      const counts = await interruptible((signal) => saveImage(files[0]!, files[1]!, to, values.compress, signal));
      const { pages, zeroPages, diskPages, storedPages, otherBytes, extents, memoryBytes, imageBytes } = counts;
      process.stdout.write(
        [
          `pages         ${pages}`,
          `  zeros       ${zeroPages} (${percent(zeroPages, pages)})`,
          `  on the disk ${diskPages} (${percent(diskPages, pages)})`,
          `  stored      ${storedPages} (${percent(storedPages, pages)})`,
          `other bytes   ${otherBytes}`,
          `extents       ${extents}`,
          `image         ${imageBytes} bytes, ${percent(imageBytes, memoryBytes)} of ${memoryBytes}`,
          "",
        ].join("\n"),
      );
      return 0;
    }
    if (verb === "restore") {
      named(["IMAGE", "DISK"]);
      const to = out();
      await there(files);
      const { memoryBytes } = await interruptible((signal) => restoreImage(files[0]!, files[1]!, to, signal));
      process.stdout.write(`restored      ${memoryBytes} bytes\n`);
      return 0;
    }
    if (verb === "verify") {
      named(["IMAGE", "DISK"], 1);
      await there(files);
      const { header, extents } = await verifyImage(files[0]!, files[1]);
      const bytesOf = (...kinds: readonly string[]): number =>
        extents.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { bytes }) => sum + bytes, 0);
      const blocks = files[1] === undefined ? "not compared, as no disk was named" : "all as saved";
      process.stdout.write(
        `image         sound: ${bytesOf("stored", "packed")} of ${header.memoryBytes} bytes in ${extents.length} extents\n` +
          `disk          ${bytesOf("disk")} bytes: ${blocks}\n`,
      );
      return 0;
    }
    throw new UsageError(`expected save, restore or verify, got ${verb === undefined ? "none" : JSON.stringify(verb)}`);
  },
});
