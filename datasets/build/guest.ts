// Captures datasets/data/guest/*.arrow.gz and noise/ and radio/ again and updates their catalogue entries (some minutes;
// needs QEMU, apt and a C compiler). No two captures are equal byte for byte:
//   node dist/datasets/build/guest.js [workload | memory | WORKLOAD-tracked | mixed-MEGABYTES | migration | noise | radio | swap]...
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import type { CatalogueEntry } from "../catalogue-type.ts";
import { captureGuest, qemuVersion } from "../capture/guest/capture-guest.ts";
import type { GuestCaptureOptions } from "../capture/guest/guest-options.ts";
import { captureMigration, type MigrationCounts } from "../capture/guest/capture-migration.ts";
import { workloads } from "../capture/guest/workloads.ts";
import { captureNoise } from "../capture/noise/capture-noise.ts";
import { captureRadio } from "../capture/radio/capture-radio.ts";
import { captureSwap } from "../capture/swap/capture-swap.ts";
import { open } from "../open.ts";
import { packageRoot } from "../package-root.ts";
import { guestTableTexts, migrationFields, radioFields, swapFields } from "./guest-tables.ts";
import { updateCatalogue } from "../catalogue-update.ts";
import { writeArrow } from "../write/arrow.ts";

const folder = join(packageRoot(), "datasets");
const data = join(folder, "data");

const licenses: CatalogueEntry["licenses"] = [
  { name: "Apache-2.0", title: "Apache License 2.0", path: "https://www.apache.org/licenses/LICENSE-2.0" },
];

/** Captures a guest and ships its tables; those of the other kind of capture have the same names, so each has its list. */
async function ship(options: Omit<GuestCaptureOptions, "out" | "progress">, suffix = ""): Promise<void> {
  const { workload } = options;
  const scratch = await mkdtemp(join(tmpdir(), "veelab-build-"));
  try {
    const provenance = await captureGuest({
      ...options,
      out: scratch,
      progress: (step) => {
        process.stderr.write(`${workload}: ${step}\n`);
      },
    });
    for (const file of await readdir(scratch)) {
      const table = basename(file, ".arrow.gz");
      const text = guestTableTexts[table]!;
      const name = `guest/${table === "blocks" ? "blkio" : table}-${workload}${suffix}`;
      const path = `data/${name}.arrow.gz`;
      const { numRows } = await open(join(scratch, file));
      await copyFile(join(scratch, file), join(folder, path));
      await updateCatalogue(folder, [
        {
          name,
          path,
          title: `${text.title} of a Debian guest, workload ${workload}`,
          description: `${text.description} The workload: ${provenance["workload"]!.replace(`${workload}: `, "")}.`,
          format: "arrow.gz",
          mediatype: "application/gzip",
          sources: [{ title: `veelab, captured with ${provenance["tool"]!} by ${provenance["command"]!}` }],
          licenses,
          rows: numRows,
          schema: { fields: text.fields },
          provenance,
        },
      ]);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Migrates stopped guests to nowhere and ships what QEMU counted. */
async function shipMigrations(): Promise<void> {
  const guests = [
    ["idle", 256],
    ["mixed", 256],
    ["mixed", 512],
  ] as const;
  const counts: MigrationCounts[] = [];
  for (const [workload, memoryMegabytes] of guests) counts.push(await captureMigration(workload, memoryMegabytes));
  const column = (name: keyof MigrationCounts): Uint32Array => Uint32Array.from(counts, (row) => row[name]);
  const provenance = {
    command: "node dist/datasets/build/guest.js migration",
    tool: `${qemuVersion()}, TCG, one emulated processor, virtio-blk`,
  };
  const name = "guest/migration-counts";
  const path = `data/${name}.arrow.gz`;
  const table = tableFromArrays({
    workload: guests.map(([workload]) => workload),
    memoryMegabytes: Uint32Array.from(guests, ([, megabytes]) => megabytes),
    qemuZeroPages: column("qemuZeroPages"),
    qemuNormalPages: column("qemuNormalPages"),
    otherBlocksPages: column("otherBlocksPages"),
    zeroPages: column("zeroPages"),
    normalPages: column("normalPages"),
  });
  await writeArrow(join(folder, path), table, { metadata: provenance });
  await updateCatalogue(folder, [
    {
      name,
      path,
      title: "Pages of zeros and others that QEMU counts when it migrates a stopped guest",
      description:
        "A row a guest that has ended its workload and was stopped: QEMU's own counts of a migration to nowhere, and a count of the memory file that QEMU keeps. The counts are of different guests than those of the other tables, as QEMU does not migrate an NVMe disk.",
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured with ${provenance.tool} by ${provenance.command}` }],
      licenses,
      rows: guests.length,
      schema: { fields: migrationFields },
      provenance,
    },
  ]);
}

async function shipNoise(): Promise<void> {
  const name = "noise/virtual-machine";
  const path = `data/${name}.arrow.gz`;
  const provenance = await captureNoise({ out: join(folder, path), seconds: 20 });
  await updateCatalogue(folder, [
    {
      name,
      path,
      title: "Noise of the operating system in a shared virtual machine",
      description:
        "Intervals in which a loop that reads the clock did not run on one of two processors of a virtual machine with little else to do: its own system's interrupts and other programs, and the host's, are not told apart.",
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured by ${provenance["command"]!}` }],
      licenses,
      rows: Number(provenance["interruptions"]),
      schema: {
        fields: [
          {
            name: "startNs",
            type: "number",
            arrowType: "float64",
            unit: "ns",
            description: "When the processor was taken away, since the beginning",
          },
          { name: "durationNs", type: "number", arrowType: "float64", unit: "ns", description: "For how long" },
        ],
      },
      provenance,
    },
  ]);
}

async function shipRadio(): Promise<void> {
  const name = "radio/hwsim";
  const path = `data/${name}.arrow.gz`;
  const provenance = await captureRadio({ out: join(folder, path), rounds: 20 });
  await updateCatalogue(folder, [
    {
      name,
      path,
      title: "Frames of an access point and a station on simulated radios",
      description:
        "Linux's own 802.11 stack (hostapd, open network) on mac80211_hwsim's radios: the station joins, pings and loads pages. Protocol and rate control are real; the air loses nothing, takes no time and knows no collisions, so times are the stack's.",
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured with ${provenance["tool"]!} by ${provenance["command"]!}` }],
      licenses,
      rows: Number(provenance["frames"]),
      schema: { fields: radioFields },
      provenance,
    },
  ]);
}

async function shipSwap(): Promise<void> {
  const name = "guest/swap-counts";
  const path = `data/${name}.arrow.gz`;
  const provenance = await captureSwap({ out: join(folder, path) });
  const { numRows } = await open(join(folder, path));
  await updateCatalogue(folder, [
    {
      name,
      path,
      title: "What Linux counts while a program swaps, round by round",
      description:
        "A program in a control group with fewer frames than it has pages, in order and at random, reading and writing; a row a round. Nothing is read ahead. QEMU's own counts of the swap device's pages are in the provenance. veelab/symbiotic-swap has the program's references (sweeper).",
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured with ${provenance["tool"]!} by ${provenance["command"]!}` }],
      licenses,
      rows: numRows,
      schema: { fields: swapFields },
      provenance,
    },
  ]);
}

await mkdir(join(data, "radio"), { recursive: true });
await mkdir(join(data, "guest"), { recursive: true });
await mkdir(join(data, "noise"), { recursive: true });
const wanted = process.argv.slice(2);
const wants = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
for (const { name } of workloads)
  if (wants(name) && name !== "mixed")
    await ship({ workload: name, accelerator: "tcg", dumps: 3, intervalSeconds: name === "fileserver" ? 1.5 : 2.5 });
if (wants("memory"))
  await ship({
    workload: "sqlite",
    accelerator: "tcg",
    tables: ["memory", "accesses", "code-pages"],
    limit: 16_000_000,
    rawLimit: 200_000,
  });
// With the last stores to each page: the map's events as they were. The mixed guests have one dump, when all is done.
const tracked = { accelerator: "tcg", tables: ["blocks", "pages", "stores"] } as const;
for (const { name } of workloads)
  if (wants(`${name}-tracked`) && name !== "mixed")
    await ship({ ...tracked, workload: name, dumps: 2, intervalSeconds: 8 }, "-tracked");
for (const memoryMegabytes of [256, 512, 1024])
  if (wants(`mixed-${memoryMegabytes}`))
    await ship(
      { ...tracked, workload: "mixed", memoryMegabytes, intervalSeconds: 900 },
      memoryMegabytes === 256 ? "" : `-${memoryMegabytes}`,
    );
if (wants("migration")) await shipMigrations();
if (wants("noise")) await shipNoise();
if (wants("radio")) await shipRadio();
if (wants("swap")) await shipSwap();
