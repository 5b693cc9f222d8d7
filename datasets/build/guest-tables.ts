import type { CatalogueField } from "../catalogue-type.ts";
import { field } from "./field.ts";

/** How the catalogue describes a table of a guest's capture. */
export interface GuestTableText {
  /** What the rows are, for a title: "… of a Debian guest that compiles". */
  readonly title: string;
  readonly description: string;
  readonly fields: readonly CatalogueField[];
}

const time = field(
  "timeNs",
  "float64",
  "ns",
  "Time since QEMU's start, without the time in which the guest was stopped",
);
const dump = field("dump", "uint32", "", "The dump, from 0");
const hash = field("hash", "uint64", "", "The first 64 bits of the SHA-1 of the page's 4096 bytes, big endian");
const diskBlock = field(
  "diskBlock",
  "float64",
  "4 KiB blocks",
  "The first block of the disk that has the same hash; null for none",
);

/** The tables that `captureGuest` writes, by file. */
export const guestTableTexts: Readonly<Record<string, GuestTableText>> = {
  blocks: {
    title: "Requests to the NVMe disk",
    description:
      "A row for each request, in order of issue, from the boot to the workload's end (workloadStartNs and workloadEndNs of the provenance). The disk is QEMU's, on an emulated processor: durations are not those of hardware.",
    fields: [
      time,
      field("op", "utf8", "", "read, write, discard, flush or other"),
      field("offsetBytes", "float64", "bytes", "Where on the disk"),
      field("sizeBytes", "float64", "bytes", "How much"),
      field("durationNs", "float64", "ns", "Until its completion; null where that is not in the trace"),
      field(
        "guestPage",
        "float64",
        "4 KiB pages",
        "The guest's first physical page that it reads or fills; null for none",
      ),
    ],
  },
  "block-pages": {
    title: "The guest's pages of each request to the NVMe disk",
    description:
      "A row for each piece of a request that lies in one page of the guest: which block was read into which page, and written from which.",
    fields: [
      field("request", "uint32", "", "The request: its row in the table of requests, from 0"),
      field("offsetBytes", "float64", "bytes", "Where the piece begins on the disk"),
      field("guestPage", "float64", "4 KiB pages", "The physical page"),
    ],
  },
  pages: {
    title: "Pages of the memory",
    description:
      "A row for each page of each dump. Pages and disk are those of one moment; the flags were read by the guest just before, and are its own. No contents.",
    fields: [
      dump,
      time,
      field("page", "float64", "4 KiB pages", "The physical page"),
      field("class", "utf8", "", "zero, uniform (one 64-bit word repeated) or data"),
      hash,
      field(
        "flags",
        "uint64",
        "",
        "Linux's /proc/kpageflags: bit 5 LRU, 10 buddy (free), 12 anonymous, 26 page table, …",
      ),
      diskBlock,
    ],
  },
  stores: {
    title: "Last stores to the pages",
    description:
      "A row for each page of each dump, at the moment of the dump: when the guest's processor last wrote to it, by a plugin of QEMU's translator, from the boot on. What devices write is not in it.",
    fields: [
      dump,
      time,
      field("page", "float64", "4 KiB pages", "The physical page"),
      field("lastStoreNs", "float64", "ns", "The last store, in the same time as timeNs; null for none"),
    ],
  },
  counters: {
    title: "Memory counters",
    description:
      "What the guest and QEMU say at each dump: meminfo.* of /proc/meminfo in KiB, vmstat.* of /proc/vmstat as Linux counts it, qemu.dirtyRate in MiB a second. Values as printed, not increments.",
    fields: [
      dump,
      time,
      field("event", "utf8", "", "The counter"),
      field("value", "float64", "KiB, MiB/s or counts", "Its value"),
    ],
  },
  "page-tables": {
    title: "Page tables of the running process",
    description:
      "A row for each present entry of the four levels, each table's before those below it. With the kernel's half, which all processes share.",
    fields: [
      dump,
      field("level", "uint8", "", "4 for entries of the root, 1 for those of the last level"),
      field("virtualAddress", "uint64", "bytes", "The first virtual address that the entry translates"),
      field("frame", "float64", "4 KiB pages", "The physical page of the table below, or of the memory mapped"),
      field("leaf", "bool", "", "Whether it maps memory: 4 KiB at level 1, 2 MiB at 2, 1 GiB at 3"),
      field(
        "flags",
        "uint16",
        "",
        "The entry's bits 0 to 11 (0 present, 1 writable, 2 user, 5 accessed, 6 dirty, 7 large, 8 global); bit 12: no execution",
      ),
    ],
  },
  memory: {
    title: "All references to memory, the kernel's too,",
    description:
      "Runs of references to 4 KiB pages in program order (datasets/capture/page-runs.ts says what the reduction keeps exact; a page is here a pair of virtual and physical page). A block of instructions counts as executed when it is entered; devices are left out. The first accesses of the workload only: see limit.",
    fields: [
      field("page", "float64", "4 KiB pages", "Virtual page: bits 12 to 47 of the address; from 2^35 on the kernel's"),
      field("physicalPage", "uint32", "4 KiB pages", "Physical page"),
      field("count", "uint32", "references", "References of this kind to this page while their stream stayed on it"),
      field("kind", "utf8", "", "fetch, read or write"),
    ],
  },
  accesses: {
    title: "The first accesses to memory, one by one,",
    description: "In program order: blocks of instructions where they are entered, and their reads and writes.",
    fields: [
      field("kind", "utf8", "", "fetch, read or write"),
      field("address", "uint64", "bytes", "Virtual address"),
      field("sizeBytes", "uint32", "bytes", "Length; of a fetch: of the block's instructions on this page"),
      field("physicalAddress", "uint64", "bytes", "Physical address"),
      field("instructions", "uint32", "instructions", "Of a fetch: its instructions; null for data"),
    ],
  },
  "code-pages": {
    title: "Pages of code that were executed",
    description: "In order of their first execution.",
    fields: [
      field("physicalPage", "float64", "4 KiB pages", "Physical page"),
      field(
        "virtualPage",
        "float64",
        "4 KiB pages",
        "Virtual page of the first execution: bits 12 to 47 of the address",
      ),
      field("first", "float64", "instructions", "Instructions of the whole guest before the first on this page"),
      field("instructions", "float64", "instructions", "Instructions executed on it"),
      hash,
      diskBlock,
    ],
  },
};

/** Columns of what a guest counted while it swapped. */
export const swapFields: readonly CatalogueField[] = [
  field("pattern", "utf8", "", "The order of the references: sweep or random"),
  field("kind", "utf8", "", "What the rounds do: read or write"),
  field("pages", "uint32", "4 KiB pages", "Pages that the program uses"),
  field("frames", "uint32", "4 KiB pages", "Limit of its control group, page tables included"),
  field("round", "uint32", "", "0: every page is written once; then as many references a round as there are pages"),
  field("faults", "uint32", "faults", "pgfault of /proc/vmstat in the round"),
  field("majorFaults", "uint32", "faults", "pgmajfault"),
  field("pagesIn", "uint32", "4 KiB pages", "pswpin"),
  field("pagesOut", "uint32", "4 KiB pages", "pswpout"),
  field("residentPages", "uint32", "4 KiB pages", "The program's anonymous pages in memory at the round's end"),
];

/** The columns of the comparison with QEMU's migration. */
export const migrationFields: readonly CatalogueField[] = [
  field("workload", "utf8", "", "What the guest has done"),
  field("memoryMegabytes", "uint32", "MiB", "Its memory"),
  field("qemuZeroPages", "uint32", "4 KiB pages", "Pages of zeros by QEMU (duplicate), in all blocks of memory"),
  field("qemuNormalPages", "uint32", "4 KiB pages", "Other pages by QEMU (normal), in all blocks of memory"),
  field("otherBlocksPages", "uint32", "4 KiB pages", "Pages of the blocks that are not the guest's memory: firmware"),
  field("zeroPages", "uint32", "4 KiB pages", "Pages of zeros in QEMU's file of the guest's memory, counted by veelab"),
  field("normalPages", "uint32", "4 KiB pages", "Other pages in it"),
];

/** The columns that `captureRadio` writes. */
export const radioFields: readonly CatalogueField[] = [
  field("timeNs", "float64", "ns", "When the sniffer got it, since the first frame"),
  field("lengthBytes", "uint32", "bytes", "The frame's length, without its check sequence"),
  field(
    "type",
    "utf8",
    "",
    "Beacon frame, Probe Request, Authentication, Data, QoS Data, Acknowledgement, … as Wireshark names them",
  ),
  field("transmitter", "utf8", "", "The transmitter's address; null for an ack, which has none"),
  field("receiver", "utf8", "", "The receiver's address"),
  field("rateMbps", "float32", "Mb/s", "The rate; null for an ack"),
  field("channelMhz", "uint16", "MHz", "The channel's centre"),
  field("retry", "bool", "", "Whether it is sent again"),
];
