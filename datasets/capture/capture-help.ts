import { workloads } from "./guest/workloads.ts";

// The help texts of `veelab capture`.

export const overview = `Usage: veelab capture guest|lackey|mirror|noise|perf|radio|swap|tasks|threads [options]

Captures a dataset on this machine and writes it as Arrow, with its provenance in the schema's metadata.

  guest    a Debian guest in QEMU: its disk's requests, memory dumps, page tables, every access to memory
  lackey   a program's references to memory, by valgrind
  mirror   what QEMU sends while it copies a disk that is written
  noise    the noise of this machine's operating system
  perf     a program's events by intervals, by perf stat
  radio    the frames of Linux's 802.11 stack on simulated radios, in a guest
  swap     what Linux counts while a program swaps, in a guest
  tasks    what tasks cost on this machine's processor, by size and as three devices
  threads  what a program's threads read, write and lock, in one order, by QEMU

veelab capture WHAT --help says more. Exit status: 0 done, 2 cannot be done, 130 interrupted.
`;

export const guestHelp = (): string => `Usage: veelab capture guest --workload NAME -o FOLDER [options]

Boots a Debian guest (the cloud kernel, busybox, tcc, SQLite; built by apt-get in the user's cache folder, without root) in
QEMU with one processor and an NVMe disk, lets it do a workload, and writes an Arrow file for each table.

  -o, --out FOLDER     where the files go
      --workload NAME  what the guest does:
${workloads.map(({ name, description }) => `                         ${name.padEnd(11)}${description}`).join("\n")}
      --tables LIST    what is captured, with commas (default: blocks,pages,counters,page-tables):
                         blocks      the disk's requests (time, operation, place, size, first page of the guest), and
                                     block-pages, every page of the guest that each request read or filled
                         pages       a row for each page at each dump: class, hash, Linux's kpageflags, equal disk block
                         stores      when the processor last wrote to each page, at each dump
                         counters    /proc/meminfo, /proc/vmstat and QEMU's dirty rate at each dump
                         page-tables the running process's page tables at each dump
                         memory      all references to memory as runs on virtual and physical pages
                         accesses    the first references one by one
                         code-pages  the physical pages that were executed
      --rounds N       how often the workload's round is done (default: about ten seconds' worth)
      --seed N         what its random choices depend on (default: 1)
      --memory N       the guest's memory in MiB (default: 256)
      --dumps N        how many dumps (default: 1); fewer when the workload ends before
      --interval S     seconds before the first dump and between dumps (default: 4)
      --limit N        memory, accesses, code-pages: end after N accesses and blocks (default: 100 million)
      --raw-limit N    accesses: keep so many (default: 1 million)
      --accel NAME     kvm, tcg (QEMU's translator) or auto (default): KVM where a guest really boots with it
      --quiet          no progress on standard error
  -h, --help           this text

Times are nanoseconds since QEMU's start, without the time in which the guest was stopped for a dump. No content of a page or
file is kept. stores, memory, accesses and code-pages need QEMU's translator and a C compiler.
`;

export const lackeyHelp = `Usage: veelab capture lackey -o FILE [options] -- PROGRAM [ARGUMENT...]

Runs a program under valgrind's lackey and writes its references to memory as runs on 4 KiB pages: page, count, and kind
(0 fetch, 1 read, 2 write). About 1 million references a second. Child processes are not followed: name cc1, not gcc.

  -o, --out FILE            the trace, .arrow or .arrow.gz
      --limit N             stop after N references
      --program-version V   what the provenance says of the program's version
      --quiet               no progress on standard error
  -h, --help                this text
`;

export const mirrorHelp = `Usage: veelab capture mirror --trace TRACE -o FILE [options]

Lets QEMU copy a disk of random bytes (blockdev-mirror, one block of 1 MiB at a time, over NBD to a throttled target) while a
block trace's writes are replayed to it, and compares both disks afterwards. Writes what was replayed until nothing was dirty, at the
times at which it happened: timeNs, op, offsetBytes, sizeBytes, durationNs; QEMU's count of the bytes that it sent and the time that it
took are in the provenance (sentBytes, readyNs). Takes as long as the copy. Debian: qemu-system-common, qemu-utils.

  -o, --out FILE       the replayed writes, .arrow or .arrow.gz
      --trace TRACE    a block trace: a dataset's name or a file
      --disk N         size of the disk in MiB (default: 160)
      --rate N         what the target takes, MiB a second (default: 8)
      --quiet          no progress on standard error
  -h, --help           this text
`;

export const noiseHelp = `Usage: veelab capture noise -o FILE [options]

Reads the clock in a loop on one processor and writes each interval in which the loop did not run: startNs, durationNs.

  -o, --out FILE       the trace, .arrow or .arrow.gz
      --seconds S      how long to measure (default: 10)
      --threshold N    nanoseconds from which on an interval counts (default: 1000)
      --processor N    which processor, from 0 (default: 0)
  -h, --help           this text
`;

export const perfHelp = `Usage: veelab capture perf -o FILE [options] -- PROGRAM [ARGUMENT...]

Runs a program under perf stat and writes how often each event happened in each interval: timeNs, event, value. Says so where this
machine cannot count an event: in most virtual machines those of the processor.

  -o, --out FILE       the trace, .arrow or .arrow.gz
      --events LIST    perf's names, with commas (default: instructions,cycles)
      --interval N     milliseconds (default: 100)
  -h, --help           this text
`;

export const tasksHelp = `Usage: veelab capture tasks -o FILE [options]

Measures five tasks (triad, stencil, gemm, mandelbrot, cipher) by the size of their data on one core, on one core with SIMD and on
all cores: task, device, sizeBytes, meanSeconds, deviationSeconds, runs. Takes about 12 s; nothing else should run.

  -o, --out FILE       the costs, .arrow or .arrow.gz
      --compiler CC    the C compiler (default: cc)
  -h, --help           this text
`;

export const threadsHelp = `Usage: veelab capture threads -o FILE [options] -- PROGRAM [ARGUMENT...]

Runs a program in QEMU's user-mode translator (Debian: qemu-user; needs a C compiler) and writes what its threads do in one order: thread,
kind (fetch, read, write, lock, lock-shared, unlock, create, join), pc, address, sizeBytes, count, stack, other. About 2 million
instructions a second.

While a thread holds a lock, each block of instructions, read and write is a row. While it holds none, its first read and first
write of each 8-byte word are rows; the rest is counted, in rows without an address. Locks are those of pthread in a program that
is linked dynamically. Child processes are not followed.

  -o, --out FILE            the trace, .arrow or .arrow.gz
      --limit N             stop after N blocks, accesses and events (default: 100 million)
      --program-version V   what the provenance says of the program's version
      --quiet               no progress on standard error
  -h, --help                this text
`;

export const radioHelp = `Usage: veelab capture radio -o FILE [options]

Boots a Debian guest whose kernel simulates radios (mac80211_hwsim), lets an access point and a station talk, and writes the frames on the
air: timeNs, lengthBytes, type, transmitter, receiver, rateMbps, channelMhz, retry. The 802.11 stack is Linux's own; the
simulated air loses nothing and knows no collisions.

  -o, --out FILE       the trace, .arrow or .arrow.gz
      --rounds N       how often the station pings five times and loads five pages (default: 5)
      --quiet          no progress on standard error
  -h, --help           this text
`;

export const swapHelp = `Usage: veelab capture swap -o FILE [options]

Boots a Debian guest in QEMU with an NVMe disk to swap to, and lets a program in a control group reference more pages than its
frames: in order and at random, reading and writing. A row a round: pattern, kind, pages, frames, round, faults, majorFaults, pagesIn
(pswpin), pagesOut (pswpout), residentPages. Round 0 writes every page once. Nothing is read ahead. The provenance has QEMU's counts of
the device's pages, and Linux's of each whole run. Needs a C compiler.

  -o, --out FILE       the counts, .arrow or .arrow.gz
      --pages N        pages that the program uses (default: 6144)
      --frames N       frames that it and its page tables may have (default: 4096)
      --rounds N       rounds of as many references as there are pages (default: 6)
      --seed N         of the random pages (default: 1)
      --quiet          no progress on standard error
  -h, --help           this text
`;
