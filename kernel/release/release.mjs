// `npm run release [-- --dry-run]`: checks, packs, installs what was packed, writes the bill of materials, and publishes.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";

import { changelogEntry, obstacles, testsOf } from "./checks.mjs";
import { npm, pack } from "./pack.mjs";

const help = `Usage: npm run release -- [--dry-run] [--without-audit]

Publishes the version of package.json, from a checkout without changes at which npm test has passed. The tarball and the bill of materials go
to artifacts/release.

  --dry-run         do all but tag and publish, whatever stands in the way, and say what would be done
  --without-audit   publish though the registry does not answer what vulnerabilities are known

Exit status: 0 done, or nothing stands in the way; 1 something does; 2 cannot be used.
`;

/**
 * Runs the release of a checkout that is built.
 *
 * @param {string} root
 * @param {readonly string[]} args
 * @returns {number} the exit status
 */
export function release(root, args) {
  if (args.length === 1 && (args[0] === "--help" || args[0] === "-h")) {
    console.log(help);
    return 0;
  }
  const other = args.find((arg) => arg !== "--dry-run" && arg !== "--without-audit");
  if (other !== undefined) {
    console.error(`npm run release: expected --dry-run, --without-audit or nothing, got ${other}`);
    return 2;
  }
  const isDry = args.includes("--dry-run");
  const needsAudit = !args.includes("--without-audit");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const problems = obstacles(root);
  for (const problem of problems) console.error(`in the way: ${problem}`);
  if (problems.length > 0 && !isDry) return 1;
  const tested = testsOf(root);
  if (tested !== undefined)
    console.log(
      `tested: ${tested.passed} passed, ${tested.skipped} skipped, by Node ${tested.node} on ${tested.platform}`,
    );

  const out = join(root, "artifacts/release");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const packed = pack(root, out);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const shown = relative(root, packed.tarball);
  console.log(
    `packed: ${shown}, ${megabytes(packed.size)}, ${packed.files.length} files of ${megabytes(packed.unpackedSize)}`,
  );
  console.log(`integrity: ${packed.integrity}`);
  console.log(`installed into an empty folder: veelab ${installed(packed.tarball)}`);
  for (const [name, folder] of trees(root)) {
    const path = join(out, `${name}-${version}.cdx.json`);
    writeFileSync(path, billOfMaterials(name, version, folder));
    const { components } = JSON.parse(readFileSync(path, "utf8"));
    console.log(`bill of materials: ${relative(root, path)}, ${components.length} packages`);
    const { text, found } = audit(folder);
    console.log(`known vulnerabilities of ${name}: ${text}`);
    if (found === undefined ? needsAudit : found > 0) problems.push(`known vulnerabilities of ${name}: ${text}`);
  }

  // A registry believes where a package was built only of a CI that vouches for it.
  const hasIdentity =
    process.env.ACTIONS_ID_TOKEN_REQUEST_URL !== undefined || process.env.SIGSTORE_ID_TOKEN !== undefined;
  const publish = [
    "publish",
    packed.tarball,
    "--access",
    "public",
    ...(version.includes("-") ? ["--tag", "next"] : []),
    ...(hasIdentity ? ["--provenance"] : []),
  ];
  if (!hasIdentity) console.log("provenance: not from here, as no CI vouches for this machine");
  const entry = changelogEntry(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version);
  const tag = ["tag", "--annotate", `v${version}`, "--message", `veelab ${version}\n\n${entry?.text ?? ""}`];
  if (isDry) {
    npm([...publish, "--dry-run"], root);
    console.log(`npm publish --dry-run: done\nwould run: npm ${publish.join(" ")}; git tag --annotate v${version}`);
    console.log(problems.length === 0 ? "nothing is in the way" : `${problems.length} in the way`);
    return problems.length === 0 ? 0 : 1;
  }
  if (problems.length > 0) {
    for (const problem of problems) console.error(`in the way: ${problem}`);
    return 1;
  }
  // A version can be published once, so what fails before leaves no tag that would refuse the next try.
  must("npm", publish, root);
  must("git", tag, root);
  console.log(`published. What is left: git push origin v${version}`);
  return 0;
}

const trees = (root) => [
  ["veelab", root],
  ["veelab-page", join(root, "kernel/page")],
];

/** A lock file's packages as CycloneDX. npm names it after the folder and wants a version, which the page's package has not. */
function billOfMaterials(name, version, folder) {
  const scratch = mkdtempSync(join(tmpdir(), "veelab-release-"));
  try {
    const copy = join(scratch, name);
    mkdirSync(copy);
    for (const file of ["package.json", "package-lock.json"]) {
      const said = JSON.parse(readFileSync(join(folder, file), "utf8"));
      if (said.packages) said.packages[""].version = version;
      writeFileSync(join(copy, file), JSON.stringify({ ...said, version }));
    }
    return npm(["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"], copy);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Installs a tarball as a user would, from the registry; gives the version that the installed command says. */
function installed(tarball) {
  const folder = mkdtempSync(join(tmpdir(), "veelab-release-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    npm(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", tarball], folder);
    return npm(["exec", "--offline", "veelab", "--", "--version"], folder).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the registry knows against the packages of a lock file; `found` is undefined where its endpoint does not answer. */
function audit(folder) {
  const { stdout } = spawnSync("npm", ["audit", "--omit", "dev", "--package-lock-only", "--json"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    shell: process.platform === "win32",
  });
  const said = JSON.parse(stdout || "{}");
  const total = said.metadata?.vulnerabilities?.total;
  if (total === undefined)
    return {
      text: `not known: the registry's audit answers ${said.error?.summary || said.message || "nothing"}`,
      found: undefined,
    };
  if (total === 0) return { text: "none", found: 0 };
  return { text: `${total}: ${Object.keys(said.vulnerabilities).join(", ")}`, found: total };
}

function must(command, args, cwd) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: "inherit",
    shell: process.platform === "win32" && command === "npm",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0]} failed with exit status ${status}`);
}
