import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { open } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { deb } from "../packages/deb.ts";
import { dpkgStatus } from "../packages/dpkg-status.ts";
import { md5sums } from "../packages/md5sums.ts";
import { arFile, tarFile } from "./archive-file.ts";
import { openRows, rowsOf } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";

const status = `Package: fdisk
Status: install ok installed
Priority: important
Section: utils
Installed-Size: 427
Maintainer: A. Maintainer <maintainer@example.org>
Architecture: amd64
Multi-Arch: foreign
Source: util-linux (2.31)
Version: 2.31.1-0.4ubuntu3.1
Depends: libc6 (>= 2.14), libfdisk1 (>= 2.31.1)
Conffiles:
 /etc/fdisk.conf 0123456789abcdef0123456789abcdef
Description: collection of partitioning utilities
 Of the util-linux suite.
 .
 For disks of 1 kB to 1 µm.
Original-Maintainer: Another <another@example.org>
X-Notes: one
 two

Package: gone
Status: deinstall ok config-files
version: 1.0
`;

const list = `Package: hello
Architecture: amd64
Version: 2.10-3
Filename: pool/main/h/hello/hello_2.10-3_amd64.deb
Size: 53132
SHA256: 0bb0c8d2a3a3a3cfd4ac0d0e0d5a4c1d6e8e5d9f0a1b2c3d4e5f60718293a4b5

`;

const sums = `900150983cd24fb0d6963f7d28e17f72  usr/bin/hello
d41d8cd98f00b204e9800998ecf8427e  usr/share/doc/hello/a file
`;

const control = "Package: hello\nVersion: 1:2.10-3\nArchitecture: amd64\nDescription: greets\n";
const controlTar = tarFile([
  { path: "./", type: "5" },
  { path: "./md5sums", content: sums },
  { path: "./control", content: control },
]);
const elf = "\x7fELF and more";
const longPath = `./usr/share/${"a".repeat(60)}/${"b".repeat(90)}`;
const dataTar = tarFile([
  { path: "./", type: "5", mode: 0o755 },
  { path: "./usr/bin/hello", content: elf, mode: 0o4755 },
  { path: longPath, content: "abc" },
  { path: "./usr/bin/hi", type: "2", link: "hello" },
  { path: "./empty" },
]);
const made = arFile([
  ["debian-binary", "2.0\n"],
  ["control.tar.gz", gzipSync(controlTar)],
  ["_odd", "odd"],
  ["data.tar.gz", gzipSync(dataTar)],
]);
const plain = arFile([
  ["debian-binary", "2.0\n"],
  ["control.tar", controlTar],
  ["data.tar", dataTar],
]);

conforms(dpkgStatus, {
  "of dpkg": { content: status, rows: 2, skips: false },
  "of apt": { content: list, rows: 1, skips: false },
});
conforms(md5sums, { "of a package": { content: sums, rows: 2, file: "hello:amd64.md5sums" } });
conforms(deb, { compressed: { content: made, rows: 5 }, "not compressed": { content: plain, rows: 5 } });

describe("a list of packages", () => {
  const folder = temporaryFolder();

  it("of dpkg has these values", async () => {
    const [fdisk, gone] = await openRows(folder.write("status", status));
    expect(fdisk).toMatchObject({
      package: "fdisk",
      version: "2.31.1-0.4ubuntu3.1",
      architecture: "amd64",
      status: "install ok installed",
      section: "utils",
      multiArch: "foreign",
      installedSizeKib: 427,
      source: "util-linux",
      sourceVersion: "2.31",
      depends: "libc6 (>= 2.14), libfdisk1 (>= 2.31.1)",
      conffiles: "\n /etc/fdisk.conf 0123456789abcdef0123456789abcdef",
      description: "collection of partitioning utilities\n Of the util-linux suite.\n .\n For disks of 1 kB to 1 µm.",
      other: "Original-Maintainer: Another <another@example.org>\nX-Notes: one\n two",
      sizeBytes: null,
    });
    expect(gone).toMatchObject({ package: "gone", version: "1.0", status: "deinstall ok config-files", source: null });
  });

  it("of apt has these values", async () => {
    expect((await openRows(folder.write("Packages", list)))[0]).toMatchObject({
      package: "hello",
      status: null,
      file: "pool/main/h/hello/hello_2.10-3_amd64.deb",
      sizeBytes: 53132,
      installedSizeKib: null,
    });
  });

  it("leaves out the paragraph of a bad line, as a whole", async () => {
    const bad = status.replace("Installed-Size: 427", "Installed-Size: 4.5");
    await expect(openRows(folder.write("bad", bad))).rejects.toThrow(
      'bad, line 5, field "Installed-Size": expected a whole number below 2^53, got "4.5"',
    );
    expect((await openRows(folder.path("bad"), { skipBad: 1 })).map((row) => row["package"])).toEqual(["gone"]);
    await expect(openRows(folder.write("twice", status.replace("Section:", "Priority:")))).rejects.toThrow(
      "expected each field once in a paragraph",
    );
    await expect(openRows(folder.write("none", `${status}\nVersion: 1\n`))).rejects.toThrow(
      "expected a field Package in the paragraph that ends here",
    );
  });

  it("of a package's files has these values", async () => {
    const rows = await openRows(folder.write("hello:amd64.md5sums", sums));
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["hello", null, "amd64", "usr/bin/hello", "900150983cd24fb0d6963f7d28e17f72"],
      ["hello", null, "amd64", "usr/share/doc/hello/a file", "d41d8cd98f00b204e9800998ecf8427e"],
    ]);
    expect((await openRows(folder.write("MD5SUMS", sums)))[0]).toMatchObject({ package: null, architecture: null });
  });

  const dpkg = "/var/lib/dpkg/status";
  it.skipIf(!existsSync(dpkg) || !tool("dpkg-query", ["--version"], "dpkg"))("is what dpkg-query prints", async () => {
    const format =
      "${Package}\t${Version}\t${Architecture}\t${Status}\t${Installed-Size}\t${Section}\t${source:Package}\n";
    const { stdout } = spawnSync("dpkg-query", ["-W", "-f", format], { encoding: "utf8", maxBuffer: 1 << 28 });
    const rows = await openRows(dpkg);
    const lines = rows.map((row) =>
      [
        ...["package", "version", "architecture", "status", "installedSizeKib", "section"].map(
          (name) => row[name] ?? "",
        ),
        row["source"] ?? row["package"],
      ].join("\t"),
    );
    expect(lines.sort()).toEqual(stdout.trimEnd().split("\n").sort());
  });
});

describe("a .deb", () => {
  const folder = temporaryFolder();

  it("has these files", async () => {
    const rows = await openRows(folder.write("hello.deb", made));
    const about = ["hello", "1:2.10-3", "amd64"];
    const of = (text: string, name: string) => createHash(name).update(text, "latin1").digest("hex");
    const hashes = (text: string) => [of(text, "md5"), of(text, "sha256")];
    const who = ["root", "root", 1_600_000_000];
    expect(rows.map((row) => Object.values(row))).toEqual([
      [...about, ".", "directory", 0, 0o755, ...who, null, false, null, null],
      [...about, "usr/bin/hello", "file", 13, 0o4755, ...who, null, true, ...hashes(elf)],
      [...about, longPath.slice(2), "file", 3, 0o644, ...who, null, false, ...hashes("abc")],
      [...about, "usr/bin/hi", "symbolic link", 0, 0o644, ...who, "hello", false, null, null],
      [...about, "empty", "file", 0, 0o644, ...who, null, false, ...hashes("")],
    ]);
    // md5sum of "abc", as RFC 1321 has it.
    expect(rows[2]!["md5"]).toBe("900150983cd24fb0d6963f7d28e17f72");
  });

  it("that is cut or damaged is refused with the place, or read up to there", async () => {
    const at = plain.length - dataTar.length;
    const cut = folder.write("cut.deb", plain.subarray(0, at + 512 + 512 + 100));
    await expect(open(cut)).rejects.toThrow(
      `cut.deb, offset ${at}, field "data.tar: content": expected 13 bytes, got 100`,
    );
    expect(await openRows(cut, { skipBad: 1 })).toHaveLength(1);
    const damaged = plain.slice();
    damaged[at + 512 + 3]! ^= 1;
    await expect(open(folder.write("damaged.deb", damaged))).rejects.toThrow("data.tar: checksum");
    const half = folder.write("half.deb", made.subarray(0, made.length - 30));
    await expect(open(half)).rejects.toThrow("expected a whole gzip archive");
    const old = arFile([
      ["debian-binary", "2.0\n"],
      ["control.tar.gz", gzipSync(controlTar)],
      ["data.tar.bz2", "BZh"],
    ]);
    await expect(open(folder.write("old.deb", old))).rejects.toThrow(
      "expected data.tar, plain or with .gz, .xz or .zst behind its name, got [",
    );
  });

  it("whose tar claims more than it has costs no memory", async () => {
    const huge = tarFile([{ path: "./long", type: "L", claims: 0o77777777777 }]);
    const path = folder.write(
      "huge.deb",
      arFile([
        ["debian-binary", "2.0\n"],
        ["control.tar", controlTar],
        ["data.tar", huge],
      ]),
    );
    await expect(open(path)).rejects.toThrow("expected a name of at most 1048576 bytes, got 8589934591");
  });

  it.skipIf(!tool("dpkg-deb", ["--version"], "dpkg"))("of each compression is what dpkg-deb packs", async () => {
    const root = folder.path("root");
    const put = (path: string, content: Uint8Array | string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    };
    const program = readFileSync(process.execPath).subarray(0, 300_000);
    put("DEBIAN/control", `${control}Maintainer: A <a@example.org>\n`);
    put("usr/bin/program", program);
    put("usr/share/deep/".repeat(12) + "é.txt", "text\n");
    chmodSync(join(root, "usr/bin/program"), 0o755);
    symlinkSync("program", join(root, "usr/bin/other"));
    for (const compression of ["none", "gzip", "xz", "zstd"]) {
      const path = folder.path(`${compression}.deb`);
      const { status: done, stderr } = spawnSync(
        "dpkg-deb",
        ["--root-owner-group", `-Z${compression}`, "-b", root, path],
        {
          encoding: "utf8",
        },
      );
      expect([done, stderr]).toEqual([0, ""]);
      const listing = spawnSync("dpkg-deb", ["-c", path], { encoding: "utf8" }).stdout.trimEnd().split("\n");
      const rows = rowsOf(await open(path));
      expect(rows).toHaveLength(listing.length);
      expect(rows.find((row) => row["path"] === "usr/bin/program")).toMatchObject({
        package: "hello",
        sizeBytes: program.length,
        mode: 0o755,
        user: "root",
        isElf: true,
        sha256: createHash("sha256").update(program).digest("hex"),
      });
      expect(rows.find((row) => row["path"] === "usr/bin/other")).toMatchObject({
        type: "symbolic link",
        link: "program",
      });
      expect(rows.some((row) => (row["path"] as string).endsWith("/deep/é.txt"))).toBe(true);
    }
  });
});

// The status of an image of Ubuntu 18.04, inside another text.
const real = realSample("dpkg-status.txtar");

describe.skipIf(real === undefined)("Ubuntu's status", () => {
  const folder = temporaryFolder();

  it("has the packages that are known of it", async () => {
    const text = readFileSync(real!, "utf8");
    const marker = "-- var/lib/dpkg/status --\n";
    const rows = await openRows(folder.write("status", text.slice(text.indexOf(marker) + marker.length)));
    expect(rows).toHaveLength(91);
    expect(rows[0]).toMatchObject({ package: "fdisk", version: "2.31.1-0.4ubuntu3.1", source: "util-linux" });
    const removed = rows.filter((row) => row["status"] !== "install ok installed");
    expect(removed.map((row) => row["status"])).toEqual(["deinstall ok config-files"]);
  });
});
