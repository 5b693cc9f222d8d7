import { mkdir, readFile, writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { guestImage } from "../../../datasets/capture/guest/image.ts";
import { output } from "../../../datasets/capture/output.ts";
import { stream } from "../../../datasets/index.ts";
import { imagePages } from "../../../datasets/readers/images/image-pages.ts";
import { readModuleCode } from "../../../datasets/readers/images/kernel-module.ts";
import { openSource } from "../../../datasets/source/source.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { auditImage } from "../command.ts";
import { type Database, readDatabase, residents } from "../index.ts";
import { directory, file, hasGuests, withGuest } from "./guest.ts";

const folder = temporaryFolder();
/** Modules without others that they need: loaded as they are, one with another version, and one that is not loaded. */
const [outdated, current, absent] = ["fs/fuse/fuse.ko", "fs/overlayfs/overlay.ko", "fs/fat/fat.ko"];

/** The module with one instruction byte changed in each page of its code: what an update might leave of it. */
async function otherVersion(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  for (const { content, mask } of await readModuleCode(await openSource(path))) {
    // 32 bytes that loading leaves as they are, and that are nowhere else in the file.
    const at = Array.from({ length: 508 }, (_, word) => word).find((word) => {
      const kept = content.subarray(8 * word, 8 * word + 32);
      if (mask.subarray(word, word + 4).some((bits) => bits !== 0)) return false;
      const found = bytes.indexOf(kept);
      return found >= 0 && bytes.indexOf(kept, found + 1) < 0;
    });
    if (at !== undefined) bytes[bytes.indexOf(content.subarray(8 * at, 8 * at + 32))]! ^= 1;
  }
  return bytes;
}

describe.skipIf(!hasGuests)("kernel modules of a real guest", { timeout: 240_000 }, () => {
  const packages = folder.path("kernels.arrow");
  const dump = folder.path("modules.core");
  let known: Database;
  let loaded = "";

  beforeAll(async () => {
    const { kernel } = await guestImage(() => undefined);
    const release = basename(kernel).replace("vmlinuz-", "");
    const modules = join(dirname(kernel), "../lib/modules", release, "kernel");
    expect(readdirSync(modules)).toContain("fs");
    const pack = async (name: string, version: string, files: readonly (readonly [string, Buffer])[]) => {
      const root = folder.path(`package-${version}`);
      await mkdir(join(root, "DEBIAN"), { recursive: true });
      for (const [path, bytes] of files) {
        const at = join(root, "lib/modules", name.replace("linux-image-", ""), "kernel", path);
        await mkdir(dirname(at), { recursive: true });
        await writeFile(at, bytes);
      }
      const control = `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\nDescription: a kernel\n`;
      await writeFile(join(root, "DEBIAN/control"), control);
      const deb = folder.path(`${version}.deb`);
      await output("dpkg-deb", ["--root-owner-group", "--build", root, deb], "dpkg");
      return deb;
    };
    const real = async (path: string) => [path, await readFile(join(modules, path))] as const;
    const other = async (path: string) => [path, await otherVersion(join(modules, path))] as const;
    // The guest loads the first one as it is in the old package, and the second one as it is in the new one. Kernels of other releases are other packages.
    const debs = [
      await pack(`linux-image-${release}`, "1", [await real(outdated), await other(current), await real(absent)]),
      await pack("linux-image-9.9.0-99-cloud-amd64", "2", [
        await other(outdated),
        await real(current),
        await other(absent),
      ]),
    ];
    expect(await auditImage(["--build", packages, ...debs])).toBe(0);
    known = await readDatabase(stream(packages));
    const start =
      "cd /new; for module in *.ko; do insmod $module || exit 1; done; rm *.ko; cat /proc/modules > /run/modules\n";
    await withGuest(
      [
        directory("new"),
        ...(await Promise.all(
          [outdated, current].map(async (path) => file(`new/${basename(path)}`, (await real(path))[1])),
        )),
        file("workloads/start", Buffer.from(start)),
      ],
      (name, bytes) => folder.write(name, bytes),
      async (machine, take) => {
        await machine.run("start", 1, 1);
        loaded = (await machine.file("/run/modules")).toString("latin1");
        expect(await take(dump)).toBe("");
      },
    );
  }, 240_000);

  it("each page of their code is found, relocated and rewritten as it is, and the versions are named", async () => {
    expect(loaded).toMatch(/^overlay .*\nfuse .*\n$/);
    const found = await residents(stream(dump, { columns: ["hash"] }), known, imagePages(dump));
    const pagesOf = (path: string): number =>
      known.binaries.find((binary) => binary.file.endsWith(path) && binary.version === "1")!.pages;
    expect(found).toMatchObject([
      {
        package: "linux-image-*-cloud-amd64",
        versions: ["1"],
        file: `lib/modules/*-cloud-amd64/kernel/${outdated}`,
        verdict: "unpatched",
        pages: pagesOf(outdated),
        ownPages: pagesOf(outdated),
      },
      { versions: ["2"], verdict: "up to date", pages: pagesOf(current), ownPages: pagesOf(current) },
    ]);
    expect(pagesOf(outdated)).toBeGreaterThan(15);
  });

  it("without masks none of it is", async () => {
    expect(await residents(stream(dump, { columns: ["hash"] }), known)).toEqual([]);
  });

  it("the command finds them", async () => {
    const lines: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
    try {
      expect(await auditImage(["--packages", packages, "--fail", "--json", dump])).toBe(3);
    } finally {
      process.stdout.write = write;
    }
    const rows = lines.join("").trim().split("\n");
    expect(rows.map((line) => (JSON.parse(line) as { verdict: string }).verdict)).toEqual(["unpatched", "up to date"]);
  });
});
