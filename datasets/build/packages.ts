// Builds datasets/data/packages/*.arrow.gz again and updates their catalogue entries (some minutes; needs Debian 12's apt and dpkg-deb, and 3 GB of disk). Debian's archives
// hold two versions of a package at most, so that another day gives other versions. With a folder, the .deb files stay there, and those that are there are not fetched again:
//   node dist/datasets/build/packages.js [FOLDER]
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CatalogueEntry } from "../catalogue-type.ts";
import { updateCatalogue } from "../catalogue-update.ts";
import { output } from "../capture/output.ts";
import { OptionError } from "../errors.ts";
import { stream } from "../open.ts";
import { packageRoot } from "../package-root.ts";
import { writeArrow } from "../write/arrow.ts";
import { field } from "./field.ts";
import { codeBatches, fileBatches, type PackagePair, unpackVersion, updatesOf } from "./package-pair.ts";

/** Daemons, interpreters, tools and libraries that many systems have. Left out for their size: browsers, office suites, Java, compilers, container and snap daemons. */
const packages =
  `7zip apache2 apache2-bin apt bind9 bind9-libs bluez ca-certificates clamav-daemon curl dovecot-core dovecot-imapd git haproxy
imagemagick-6.q16 jq libapt-pkg6.0 libarchive13 libbrotli1 libc-bin libc6 libcurl4 libevent-2.1-7 libexpat1 libgd3 libgit2-1.5 libglib2.0-0 libgs10
liblzma5 libmagickcore-6.q16-6 libnode108 libnss3 libpcre2-8-0 libperl5.36 libpng16-16 libpoppler126 libpq5 libpython3.11-minimal
libpython3.11-stdlib libruby3.1 libsasl2-2 libssh-4 libssh2-1 libssl3 libstrongswan libsystemd0 libtomcat10-java libudev1 libxml2 mariadb-server-core
memcached mosquitto mount mutt needrestart nginx nginx-common node-lodash node-tar openssh-client openssh-server openssl perl perl-base
perl-modules-5.36 php8.2-cli php8.2-common php8.2-fpm poppler-utils postgresql-15 postgresql-client-15 puppet-agent python3-aiohttp
python3-cryptography python3-django python3-lxml python3.11-minimal qemu-system-x86 redis-server redis-tools roundcube-core rsync rsyslog
ruby-actionpack ruby-rack ruby3.1 squid strongswan-charon sudo systemd tzdata udev unbound unzip util-linux wpasupplicant xrdp xserver-xorg-core
xz-utils zip`.split(/\s+/);

const folder = join(packageRoot(), "datasets");
const licenses: CatalogueEntry["licenses"] = [
  {
    name: "Apache-2.0",
    title:
      "Apache License 2.0 for the arrangement; the rows are facts about files of Debian packages (names, sizes, hashes), nothing of their contents",
    path: "https://www.apache.org/licenses/LICENSE-2.0",
  },
];
const common = {
  format: "arrow.gz",
  mediatype: "application/gzip",
  sources: [
    {
      title:
        "veelab, from packages of Debian 12 (bookworm, bookworm-security, bookworm-updates; amd64) that apt fetched",
    },
  ],
  licenses,
} as const;

/** Fetches what is not there of both versions of each package, and gives where they lie. */
async function fetchUpdates(debs: string) {
  await output("apt-get", ["update"], "apt");
  const updates = updatesOf(await output("apt-cache", ["madison", ...packages], "apt"));
  const offers = packages.flatMap((name) => {
    const update = updates.get(name);
    if (update === undefined) process.stderr.write(`${name}: apt has one version only\n`);
    return update === undefined ? [] : [{ name, update }];
  });
  // As apt names files; a version's epoch has a colon.
  const start = (name: string, version: string) => `${name}_${version.replace(":", "%3a")}_`;
  const there = await readdir(debs);
  const missing = offers.flatMap(({ name, update }) =>
    update
      .filter(({ version }) => !there.some((file) => file.startsWith(start(name, version))))
      .map(({ version }) => `${name}=${version}`),
  );
  if (missing.length > 0) await output("apt-get", ["download", ...missing], "apt", debs);
  const files = await readdir(debs);
  const fileOf = (name: string, version: string): string => {
    const found = files.find((file) => file.startsWith(start(name, version)));
    if (found === undefined) throw new OptionError(name, `a file that begins ${start(name, version)}`, "none");
    return join(debs, found);
  };
  return offers.map(({ name, update: [old, update] }) => ({
    old: fileOf(name, old.version),
    update: fileOf(name, update.version),
    suite: update.suite,
  }));
}

async function rowsOf(path: string): Promise<number> {
  let rows = 0;
  for await (const batch of stream(path)) rows += batch.numRows;
  return rows;
}

async function build(scratch: string, kept: string | undefined): Promise<void> {
  const debs = kept === undefined ? join(scratch, "debs") : resolve(kept);
  await mkdir(debs, { recursive: true });
  const pairs: PackagePair[] = [];
  for (const { old, update, suite } of await fetchUpdates(debs)) {
    const at = join(scratch, String(pairs.length));
    const pair = {
      old: await unpackVersion(old, `${at}-old`),
      update: await unpackVersion(update, `${at}-new`),
      suite,
    };
    pairs.push(pair);
    process.stderr.write(`${pair.old.name} ${pair.old.version} -> ${pair.update.version}\n`);
  }
  const provenance = {
    command: "node dist/datasets/build/packages.js",
    updates: String(pairs.length),
    packages: pairs.map(({ old, update }) => `${old.name} ${old.version} -> ${update.version}`).join("; "),
  };
  const files = "data/packages/security-updates.arrow.gz";
  const pages = "data/packages/code-pages.arrow.gz";
  await writeArrow(join(folder, files), fileBatches(pairs));
  await writeArrow(join(folder, pages), codeBatches(pairs), { metadata: { "veelab.kind": "code" } });
  await updateCatalogue(folder, [
    {
      ...common,
      name: "packages/security-updates",
      path: files,
      title: "Files of Debian packages in two versions, and what an update changes",
      description:
        "A row for each file that is in the old or the new version of a package: the two newest that Debian 12 offers. Where suite is bookworm-security, the new version is a security update of the release; where it is bookworm, a point release that followed one, and has more in it than repairs of security. Several updates of one package count as one. Packages were chosen by hand, for being well known. Directories and symbolic links are left out; a hard link is the file that it links to.",
      rows: await rowsOf(join(folder, files)),
      schema: {
        fields: [
          field("package", "utf8", "", "The package"),
          field("source", "utf8", "", "The source package, whose packages are updated together"),
          field("oldVersion", "utf8", "", "The version before the update"),
          field("newVersion", "utf8", "", "The version that it brings"),
          field("suite", "utf8", "", "Debian's suite that has the new version: bookworm-security or bookworm"),
          field("path", "utf8", "", "The file's path from the root directory"),
          field(
            "kind",
            "utf8",
            "",
            "program, library (shared), object (kernel module, object file, static library), byte code (Java, Python, LLVM), script, manual, documentation, configuration or other; of the new version where there is one. Of these, the first three hold machine code (datasets/build/file-kind.ts has the rules)",
          ),
          field("change", "utf8", "", "unchanged, changed (by the SHA-256 of the content), added or removed"),
          field("oldBytes", "float64", "bytes", "The old file's size; null for one that is added"),
          field("newBytes", "float64", "bytes", "The new file's size; null for one that is removed"),
        ],
      },
      provenance,
    },
    {
      ...common,
      name: "packages/code-pages",
      path: pages,
      title: "Code pages of programs and libraries of Debian packages, in two versions",
      description:
        "A row for each page of 4 KiB that may be executed of each program and shared library of packages/security-updates, of the old and of the new version, in the order of the file: what an auditor looks the hashes of a guest's executed pages up in. A hard link is not listed again.",
      rows: await rowsOf(join(folder, pages)),
      schema: {
        fields: [
          field("package", "utf8", "", "The package"),
          field("version", "utf8", "", "Its version"),
          field("release", "utf8", "", "old or new: which of the package's two versions this is"),
          field("file", "utf8", "", "The file's path from the root directory"),
          field(
            "addressPage",
            "float64",
            "4 KiB pages",
            "The page's place in memory, from the first page that the file loads",
          ),
          field(
            "hash",
            "uint64",
            "",
            "The first 64 bits of the SHA-1 of the page's 4096 bytes as the system maps it, big endian; the same hash as in guest/code-pages-*",
          ),
          field("bytesUsed", "uint16", "bytes", "Bytes of the page that are the segment's"),
        ],
      },
      provenance,
    },
  ]);
}

await mkdir(join(folder, "data/packages"), { recursive: true });
const scratch = await mkdtemp(join(tmpdir(), "veelab-packages-"));
try {
  await build(scratch, process.argv[2]);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
