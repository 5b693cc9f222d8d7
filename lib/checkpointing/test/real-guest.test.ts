import { copyFile, readFile, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { captureGuest } from "../../../datasets/capture/guest/capture-guest.ts";
import { guestImage } from "../../../datasets/capture/guest/image.ts";
import { withMachine } from "../../../datasets/capture/guest/machine.ts";
import { open } from "../../../datasets/index.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { tool } from "../../../kernel/test/tool.ts";
import { checkpointFiles } from "../command.ts";
import { verifyImage } from "../image/restore.ts";
import { saveImage } from "../image/save.ts";
import { checkpoint, costs2011, dirtyLog, guestEvents, skipEqual, skipMappedAndZero } from "../index.ts";

const folder = temporaryFolder();
const able =
  tool("cc", ["--version"], "gcc") &&
  tool("qemu-system-x86_64", ["--version"], "qemu-system-x86") &&
  tool("apt-get", ["--version"], "apt") &&
  tool("mkfs.ext4", ["-V"], "e2fsprogs");

describe.skipIf(!able)("a real guest's dump", { timeout: 300_000 }, () => {
  it("is saved and restored byte for byte, as ELF, and raw and compressed", async () => {
    const megabytes = 96;
    const pages = megabytes * 256;
    const [elf, raw, disk] = [folder.path("elf"), folder.path("raw"), folder.path("disk")];
    const image = await guestImage(() => undefined);
    await withMachine({ image, accelerator: "tcg", memoryMegabytes: megabytes, bootSeconds: 240 }, async (machine) => {
      await machine.sync();
      await machine.qmp.execute("stop");
      await machine.qmp.execute("dump-guest-memory", { paging: false, protocol: `file:${elf}` });
      await machine.qmp.execute("pmemsave", { val: 0, size: pages * 4096, filename: raw });
      await copyFile(machine.disk, disk);
    });
    for (const memory of [elf, raw]) {
      const [saved, restored] = [folder.path("image"), folder.path("restored")];
      const counts = await saveImage(memory, disk, saved, memory === raw);
      await verifyImage(saved, disk);
      expect(await checkpointFiles(["restore", saved, disk, "-o", restored])).toBe(0);
      expect((await readFile(restored)).equals(await readFile(memory))).toBe(true);
      // A guest that has just booted has read its programs: some of its memory is on its disk, most of it was never used.
      expect(counts.diskPages).toBeGreaterThan(300);
      expect(counts.imageBytes).toBeLessThan(0.8 * (await stat(memory)).size);
    }
  });
});

describe.skipIf(!able)("a real guest's transfers and stores", { timeout: 400_000 }, () => {
  it("give a map without a single false exclusion, and without the stores a wrong one", async () => {
    const out = folder.path("guest");
    await captureGuest({
      workload: "fileserver",
      out,
      rounds: 6,
      memoryMegabytes: 128,
      accelerator: "tcg",
      tables: ["blocks", "pages", "stores"],
      intervalSeconds: 300,
    });
    const table = (name: string) => open(`${out}/${name}.arrow.gz`);
    const tables = {
      requests: await table("blocks"),
      pieces: await table("block-pages"),
      pages: await table("pages"),
      stores: await table("stores"),
    };
    const { events, pages, contents } = guestEvents(tables);
    const options = { pages, contents, tracking: dirtyLog(), costs: costs2011 };
    const { row } = await checkpoint(events, { ...options, variant: skipMappedAndZero() });
    expect(row.falseExclusions).toBe(0);
    // The map finds most of what hashing everything finds.
    const { row: oracle } = await checkpoint(events, { ...options, variant: skipEqual() });
    expect(row.mappedPages).toBeGreaterThan(0.6 * oracle.mappedPages);
    // Pages whose block has the content of an earlier one cannot be told from the table: the guest's copies of its files.
    expect(row.mappedPages - row.unverifiedPages!).toBeLessThanOrEqual(oracle.mappedPages);
    const { row: blind } = await checkpoint(events, {
      ...{ ...options, variant: skipMappedAndZero(), without: ["stored"] },
    });
    expect(blind.falseExclusions).toBeGreaterThan(0);
  });
});
