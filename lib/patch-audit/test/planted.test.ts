import { statSync } from "node:fs";
import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { output } from "../../../datasets/capture/output.ts";
import { stream } from "../../../datasets/index.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { auditImage } from "../command.ts";
import { readDatabase, type Resident, residents } from "../index.ts";
import { directory, file, hasGuests, withGuest } from "./guest.ts";

const folder = temporaryFolder();

/** A library of a few pages of code; its version is in each of its functions, and its name, too: else the code of two libraries would be the same. */
const library = (name: string, version: number): string =>
  Array.from(
    { length: 600 },
    (_, at) =>
      `int ${name}_${at}(int x) { return x * ${at + 3} ^ (x >> ${1 + (at % 7)}) + ${version + 100 * name.length}; }\n`,
  ).join("");

const program = `#include <unistd.h>
${["planted", "up"].map((name) => `int ${name}_0(int); int ${name}_150(int); int ${name}_299(int);`).join("\n")}
int main(void) {
  volatile int x = 1;
  for (;;) {
    x = planted_0(x) + planted_150(x) + planted_299(x) + up_0(x) + up_150(x) + up_299(x);
    usleep(10000);
  }
}
`;

/** Compiles a version of a library and packs it. */
async function pack(name: string, version: number): Promise<{ deb: string; library: string }> {
  const root = folder.path(`${name}-${version}`);
  const at = join(root, `usr/lib/lib${name}.so`);
  await mkdir(join(root, "usr/lib"), { recursive: true });
  await mkdir(join(root, "DEBIAN"));
  const source = folder.write(`${name}-${version}.c`, library(name, version));
  await output("gcc", ["-shared", "-fPIC", "-O1", `-Wl,-soname,lib${name}.so`, "-o", at, source], "gcc");
  const control = `Package: lib${name}\nVersion: 1.0-${version}\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\nDescription: a library\n`;
  await writeFile(join(root, "DEBIAN/control"), control);
  const deb = folder.path(`lib${name}_1.0-${version}_amd64.deb`);
  await output("dpkg-deb", ["--root-owner-group", "--build", root, deb], "dpkg");
  return { deb, library: at };
}

describe.skipIf(!hasGuests)("a guest with an outdated library", { timeout: 240_000 }, () => {
  const database = folder.path("packages.arrow");
  const [running, upgraded] = [folder.path("running.core"), folder.path("upgraded.core")];
  let maps: string[] = [];
  let mapsAfter: string[] = [];
  const audit = async (dump: string): Promise<Resident[]> =>
    residents(stream(dump), await readDatabase(stream(database)));

  beforeAll(async () => {
    const planted = [await pack("planted", 9), await pack("planted", 10)];
    const current = [await pack("up", 1), await pack("up", 2)];
    const absent = [await pack("absent", 1), await pack("absent", 2)];
    // In any order: the newest version is up to date.
    expect(
      await auditImage(["--build", database, ...[...planted, ...absent, ...current].reverse().map(({ deb }) => deb)]),
    ).toBe(0);
    const demo = folder.path("demo");
    const source = folder.write("demo.c", program);
    await output("gcc", ["-o", demo, source, planted[0]!.library, current[1]!.library], "gcc");

    const libc = (await output("gcc", ["-print-file-name=libc.so.6"], "gcc")).trim();
    const start = "demo & sleep 2; echo $! > /run/pid; cat /proc/$!/maps > /run/maps\n";
    // As a package manager does: the new file takes the old one's name, and the program runs on.
    const upgrade =
      "gunzip /new/libplanted.so.gz; mv /new/libplanted.so /usr/lib/libplanted.so; sleep 1; cat /proc/$(cat /run/pid)/maps > /run/maps\n";
    await withGuest(
      [
        ...["lib64", "usr", "usr/lib", "new"].map(directory),
        file("bin/demo", await readFile(demo)),
        file("lib64/ld-linux-x86-64.so.2", await readFile(await realpath("/lib64/ld-linux-x86-64.so.2"))),
        file("usr/lib/libc.so.6", await readFile(libc)),
        file("usr/lib/libplanted.so", await readFile(planted[0]!.library)),
        file("usr/lib/libup.so", await readFile(current[1]!.library)),
        file("workloads/start", Buffer.from(start)),
        // Compressed, as in a package: the new code is not in memory before the upgrade.
        file("new/libplanted.so.gz", gzipSync(await readFile(planted[1]!.library))),
        file("workloads/upgrade", Buffer.from(upgrade)),
      ],
      (name, bytes) => folder.write(name, bytes),
      async (machine, dump) => {
        const read = async (): Promise<string[]> =>
          (await machine.file("/run/maps"))
            .toString("latin1")
            .split("\n")
            .filter((line) => line.includes(" r-xp "));
        await machine.run("start", 1, 1);
        maps = await read();
        expect(await dump(running)).toBe("");
        await machine.run("upgrade", 1, 1);
        mapsAfter = await read();
        expect(await dump(upgraded)).toBe("");
      },
    );
  }, 240_000);

  it("the outdated library is found, and nothing else is unpatched", async () => {
    // What the guest itself says.
    expect(maps.map((line) => line.split("/").at(-1))).toEqual(
      expect.arrayContaining(["libplanted.so", "libup.so", "libc.so.6"]),
    );
    expect(await audit(running)).toMatchObject([
      { package: "libplanted", versions: ["1.0-9"], file: "usr/lib/libplanted.so", verdict: "unpatched" },
      { package: "libup", versions: ["1.0-2"], file: "usr/lib/libup.so", verdict: "up to date" },
    ]);
  });

  it("it is still found when its file has been replaced and its process runs on", async () => {
    expect(mapsAfter.find((line) => line.includes("libplanted"))).toContain("(deleted)");
    const unpatched = (await audit(upgraded)).filter(({ verdict }) => verdict !== "up to date");
    expect(unpatched).toMatchObject([{ package: "libplanted", versions: ["1.0-9"], verdict: "unpatched" }]);
  });

  it("the command prints it, and fails when asked to", async () => {
    const lines: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
    try {
      expect(await auditImage(["--packages", database, "--fail", running])).toBe(3);
    } finally {
      process.stdout.write = write;
    }
    const text = lines.join("");
    expect(text.split("\n")[2]).toMatch(/^unpatched +libplanted +1\.0-9 +\d+ of \d+ +usr\/lib\/libplanted\.so$/);
    expect(statSync(running).size).toBeGreaterThan(100 << 20);
  });
});
