import * as arrow from "apache-arrow";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { tool } from "../../kernel/test/tool.ts";
import { fileKind } from "../build/file-kind.ts";
import {
  codeBatches,
  fileBatches,
  type PackagePair,
  pairFiles,
  unpackVersion,
  updatesOf,
} from "../build/package-pair.ts";
import { catalogue } from "../catalogue.ts";
import { query } from "../query.ts";
import { elfFile, pageOf } from "../readers/test/elf-file.ts";
import { rowsOf } from "../readers/test/open-rows.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

/** Entries of a dynamic segment; DT_FLAGS_1 is 0x6ffffffb, and its bit DF_1_PIE 0x08000000 (glibc's elf.h). */
const dynamic = (bits: 32 | 64, ...entries: [tag: number, value: number][]): Uint8Array => {
  const words = [...entries, [0, 0]].flat();
  return new Uint8Array((bits === 64 ? BigUint64Array.from(words, BigInt) : Uint32Array.from(words)).buffer);
};
/** A program or a library with two pages of code. */
const shared = (
  first: string,
  { bits = 64, flags = 0x08000001 }: { bits?: 32 | 64; flags?: number } = {},
): Uint8Array =>
  elfFile({
    type: 3,
    bits,
    segments: [
      { type: 1, content: pageOf("data") },
      { type: 2, content: dynamic(bits, [0x0e, 1], [0x6ffffffb, flags]) },
      { type: 1, flags: 5, virtual: 0x2000, content: new Uint8Array(Buffer.concat([pageOf(first), pageOf("same")])) },
    ],
  });
const text = (content: string) => new Uint8Array(Buffer.from(content, "latin1"));

describe("what a package's file is", () => {
  it.each([
    ["usr/bin/a", shared("a"), "program"],
    ["usr/bin/narrow", shared("a", { bits: 32 }), "program"],
    ["usr/bin/fixed", elfFile({ type: 2, segments: [{ type: 1, flags: 5, content: pageOf("a") }] }), "program"],
    // DF_1_NOW only: libraries have flags, too.
    ["usr/lib/liba.so.1", shared("a", { flags: 1 }), "library"],
    ["usr/lib/plain.so", elfFile({ type: 3, segments: [{ type: 1, flags: 5, content: pageOf("a") }] }), "library"],
    ["lib/modules/6.1/a.ko", elfFile({ type: 1, segments: [{ type: 1, content: pageOf("a") }] }), "object"],
    ["usr/lib/liba.a", text("!<arch>\n"), "object"],
    ["usr/share/java/a.jar", text("PK\x03\x04"), "byte code"],
    ["usr/share/a.zip", text("PK\x03\x04"), "other"],
    ["usr/lib/a.bc", text("BC\xc0\xde"), "byte code"],
    ["usr/bin/tool", text("#!/bin/sh\n"), "script"],
    ["etc/init.d/a", text("#!/bin/sh\n"), "script"],
    ["usr/lib/python3/a.py", text("import os\n"), "script"],
    ["usr/share/a/index.inc", text("<?php\n"), "script"],
    ["usr/share/man/man1/a.1.gz", text("\x1f\x8b"), "manual"],
    ["usr/share/man/de/man3/A::B.3perl.gz", text("\x1f\x8b"), "manual"],
    ["usr/share/postgresql/15/man/man7/ABORT.7.gz", text("\x1f\x8b"), "manual"],
    ["usr/share/doc/a/changelog.Debian.gz", text("\x1f\x8b"), "documentation"],
    ["usr/share/doc/a/examples/run.sh", text("#!/bin/sh\n"), "documentation"],
    ["etc/a.conf", text("a = 1\n"), "configuration"],
    ["lib/systemd/system/a.service", text("[Unit]\n"), "configuration"],
    ["usr/share/a/data", text(""), "other"],
  ])("%s: by its content, then by its place", async (path, content, kind) => {
    expect(await fileKind(path, folder.write("file", content))).toBe(kind);
  });
});

describe("versions that apt offers", () => {
  it("are the two newest of Debian's own", () => {
    const line = (name: string, version: string, suite: string) =>
      `${name.padStart(10)} | ${version} | http://example.org/debian ${suite}/main amd64 Packages`;
    const printed = [
      line("openssl", "3.0.22-1", "bookworm-security"),
      line("openssl", "3.0.20-1", "bookworm"),
      line("openssl", "3.0.17-1", "bookworm-updates"),
      line("curl", "7.88.1-10+deb12u15", "bookworm"),
      line("curl", "7.88.1-10+deb12u5", "bookworm-security"),
      line("vim", "2:9.0-2", "bookworm"),
      line("nodejs", "20.1", "nodistro"),
      line("nodejs", "18.20.4-2", "bookworm"),
      line("nodejs", "18.20.4-2", "bookworm-security"),
      line("nodejs", "18.20.4-1", "bookworm"),
      "   openssl | 3.0.22-1 | http://example.org/debian bookworm/main Sources",
      "",
    ].join("\n");
    expect([...updatesOf(printed)]).toEqual([
      [
        "openssl",
        [
          { version: "3.0.20-1", suite: "bookworm" },
          { version: "3.0.22-1", suite: "bookworm-security" },
        ],
      ],
      [
        "curl",
        [
          { version: "7.88.1-10+deb12u5", suite: "bookworm-security" },
          { version: "7.88.1-10+deb12u15", suite: "bookworm" },
        ],
      ],
      [
        "nodejs",
        [
          { version: "18.20.4-1", suite: "bookworm" },
          { version: "18.20.4-2", suite: "bookworm-security" },
        ],
      ],
    ]);
  });
});

/** Builds a package of a source named veelab-source. */
function buildDeb(version: string, files: Record<string, Uint8Array | string>): string {
  const root = folder.path(`root-${version}`);
  const put = (path: string, content: Uint8Array | string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  put(
    "DEBIAN/control",
    `Package: veelab-test\nSource: veelab-source\nVersion: ${version}\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: test\n`,
  );
  for (const [path, content] of Object.entries(files)) put(path, content);
  linkSync(join(root, "usr/bin/run"), join(root, "usr/bin/run-linked"));
  symlinkSync("run", join(root, "usr/bin/run-symbolic"));
  const deb = folder.path(`${version}.deb`);
  const { status, stderr } = spawnSync("dpkg-deb", ["--root-owner-group", "--build", root, deb], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return deb;
}

describe.skipIf(!tool("dpkg-deb", ["--version"], "dpkg"))("two versions of a package", () => {
  const common = { "usr/lib/libsame.so": shared("library", { flags: 1 }), "etc/a.conf": "a = 1\n" };
  const pair = async (): Promise<PackagePair> => ({
    old: await unpackVersion(
      buildDeb("1.0-1", {
        ...common,
        "usr/bin/run": shared("old"),
        "usr/share/doc/veelab-test/changelog": "1.0-1\n",
        "usr/lib/gone.py": "pass\n",
      }),
      folder.path("old"),
    ),
    update: await unpackVersion(
      buildDeb("1.0-2", {
        ...common,
        "usr/bin/run": shared("new"),
        "usr/share/doc/veelab-test/changelog": "1.0-2, longer\n",
        "usr/share/man/man1/run.1": ".TH run\n",
      }),
      folder.path("update"),
    ),
    suite: "bookworm-security",
  });
  let made: Promise<PackagePair> | undefined;
  const both = () => (made ??= pair());

  it("are compared file by file", async () => {
    const table = new arrow.Table([...fileBatches([await both()])]);
    const about = ["veelab-test", "veelab-source", "1.0-1", "1.0-2", "bookworm-security"];
    const size = shared("old").length;
    expect(rowsOf(table).map((row) => Object.values(row))).toEqual(
      [
        ["etc/a.conf", "configuration", "unchanged", 6, 6],
        ["usr/bin/run", "program", "changed", size, size],
        ["usr/bin/run-linked", "program", "changed", size, size],
        ["usr/lib/gone.py", "script", "removed", 5, null],
        ["usr/lib/libsame.so", "library", "unchanged", size, size],
        ["usr/share/doc/veelab-test/changelog", "documentation", "changed", 6, 14],
        ["usr/share/man/man1/run.1", "manual", "added", null, 8],
      ].map((row) => [...about, ...row]),
    );
    const [linked] = pairFiles(await both()).filter(({ path }) => path === "usr/bin/run-linked");
    expect(linked!.update!.linkTo).toBe("usr/bin/run");
  });

  it("have these code pages, each file once", async () => {
    const batches: arrow.RecordBatch[] = [];
    for await (const batch of codeBatches([await both()])) batches.push(batch);
    const hash = (content: string) => createHash("sha1").update(pageOf(content)).digest().readBigUInt64BE(0);
    const pages = (version: string, release: string, file: string, first: string) => [
      ["veelab-test", version, release, file, 2, hash(first), 4096],
      ["veelab-test", version, release, file, 3, hash("same"), 4096],
    ];
    expect(rowsOf(new arrow.Table(batches)).map((row) => Object.values(row))).toEqual([
      ...pages("1.0-1", "old", "usr/bin/run", "old"),
      ...pages("1.0-2", "new", "usr/bin/run", "new"),
      ...pages("1.0-1", "old", "usr/lib/libsame.so", "library"),
      ...pages("1.0-2", "new", "usr/lib/libsame.so", "library"),
    ]);
  });
});

describe("the shipped packages", () => {
  it("are what the provenance says: a row a file, and each file's sizes by its change", async () => {
    const [row] = rowsOf(
      await query(`select
        count(distinct package)::int as packages,
        count(*) filter ((change = 'added') <> (oldBytes is null) or (change = 'removed') <> (newBytes is null))::int as odd,
        count(*) filter (change = 'unchanged' and oldBytes <> newBytes)::int as moved,
        (count(*) - count(distinct (package, path)))::int as twice
        from "packages/security-updates"`),
    );
    const { provenance } = (await catalogue()).get("packages/security-updates");
    expect(row).toEqual({ packages: Number(provenance!["updates"]), odd: 0, moved: 0, twice: 0 });
  });

  it("have code pages of the files of the survey, and of no other", async () => {
    const [row] = rowsOf(
      await query(`with pages as (select distinct package, file, version, release from "packages/code-pages")
        select count(*)::int as files, count(*) filter (path is null)::int as orphans
        from pages left join "packages/security-updates" files
        on files.package = pages.package and path = file and kind in ('program', 'library')
          and version = case release when 'old' then oldVersion else newVersion end`),
    );
    expect(row!["files"]).toBeGreaterThan(2000);
    expect(row!["orphans"]).toBe(0);
  });

  it("hold no machine code in as many of the files that security updates change as DECISIONS.md says", async () => {
    const rows = rowsOf(
      await query(`with changed as (
          select kind, kind in ('program', 'library', 'object') as isCode from "packages/security-updates"
          where suite = 'bookworm-security' and change = 'changed'),
        ruled as (
          select 'all' as rule, isCode from changed
          union all select 'no documentation', isCode from changed where kind <> 'documentation'
          union all select 'no manuals either', isCode from changed where kind not in ('documentation', 'manual'))
        select rule, count(*)::int as files, round(100 * avg((not isCode)::int), 1) as percent from ruled group by rule order by rule`),
    );
    expect(rows).toEqual([
      { rule: "all", files: 3217, percent: 76 },
      { rule: "no documentation", files: 3127, percent: 75.3 },
      { rule: "no manuals either", files: 2527, percent: 69.4 },
    ]);
  });

  it("name the C library in a guest that ran its new version, and not the old one", async () => {
    const [row] = rowsOf(
      await query(`with library as (select distinct hash, release from "packages/code-pages" where package = 'libc6')
        select count(*) filter (release = 'new')::int as updated, count(*) filter (release = 'old')::int as outdated
        from "guest/code-pages-sqlite" executed join library on library.hash = executed.hash`),
    );
    expect(row!["updated"]).toBeGreaterThan(50);
    expect(row!["outdated"]).toBe(0);
  });
});
