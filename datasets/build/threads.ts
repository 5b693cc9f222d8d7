// Captures datasets/data/memory/threads-*.arrow.gz again and updates their catalogue entries (a minute; needs qemu-user, a C compiler, pigz
// and memcached). No two captures are equal, as threads run at once:
//   node dist/datasets/build/threads.js [memcached | pigz]...
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Provenance } from "../capture/capture.ts";
import { output } from "../capture/output.ts";
import { captureThreads, type ThreadsOptions } from "../capture/threads/capture-threads.ts";
import { updateCatalogue } from "../catalogue-update.ts";
import { packageRoot } from "../package-root.ts";
import { field } from "./field.ts";
import { askMemcached, memcachedClients } from "./memcached-clients.ts";

const folder = join(packageRoot(), "datasets");

const fields = [
  field("thread", "uint16", "", "The thread, numbered as they are created; 0 is the program's first"),
  field("kind", "utf8", "", "fetch (a block of instructions), read, write, lock, lock-shared, unlock, create or join"),
  field("pc", "uint64", "bytes", "Address of the instruction; of a fetch: the block's. Null for events and counts"),
  field(
    "address",
    "uint64",
    "bytes",
    "Virtual address; of a lock or unlock: the lock's. Null for create, join and counts",
  ),
  field("sizeBytes", "uint32", "bytes", "Bytes of the access; of a fetch: of the block. Null for events and counts"),
  field(
    "count",
    "uint32",
    "",
    "Of a fetch: instructions. Of a read or write: accesses, more than one of a string instruction or in a row without an address. Of events: 1",
  ),
  field("stack", "bool", "", "Whether the instruction's operand says that it refers to the stack (rsp, push, call)"),
  field("other", "uint16", "", "Of create and join: the other thread; null otherwise"),
];

const form =
  "All references of threads that hold a lock; of the others the first read and first write of each 8-byte word by each thread, the rest as counts (datasets/capture/threads/thread-records.ts says what that keeps exact). What the kernel reads and writes is not seen.";

/** English-like lines, always the same. */
function lines(bytes: number): string {
  const words = "page fault guest host shadow nested table walk entry exit lock cache line thread share write".split(
    " ",
  );
  let state = 1;
  let text = "";
  while (text.length < bytes) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += words[state >>> 28]! + ((state >>> 20) % 12 === 0 ? "\n" : " ");
  }
  return text.slice(0, bytes);
}

async function ship(
  name: string,
  title: string,
  description: string,
  options: Omit<ThreadsOptions, "out" | "programOutput">,
  more: Provenance = {},
): Promise<void> {
  const path = `data/memory/threads-${name}.arrow.gz`;
  const provenance = await captureThreads({
    ...options,
    out: join(folder, path),
    programOutput: "ignore",
    environment: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
  });
  await updateCatalogue(folder, [
    {
      name: `memory/threads-${name}`,
      path,
      title,
      description: `${description} ${form}`,
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured with ${provenance["tool"]!} from ${provenance["command"]!}` }],
      licenses: [
        { name: "Apache-2.0", title: "Apache License 2.0", path: "https://www.apache.org/licenses/LICENSE-2.0" },
      ],
      rows: Number(provenance["rows"]),
      schema: { fields },
      provenance: { ...provenance, ...more },
    },
  ]);
}

await mkdir(join(folder, "data/memory"), { recursive: true });
const wanted = process.argv.slice(2);
const wants = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const scratch = await mkdtemp(join(tmpdir(), "veelab-build-"));
try {
  if (wants("pigz")) {
    await writeFile(join(scratch, "lines.txt"), lines(128 * 1024));
    await ship(
      "pigz",
      "Memory references, threads and locks of pigz compressing with four threads",
      "A whole run on 128 KiB of text in blocks of 32 KiB: data that threads hand to each other, few and short critical sections.",
      {
        program: "pigz",
        args: ["-p", "4", "-b", "32", "-c", "lines.txt"],
        folder: scratch,
        programVersion: await output("pigz", ["--version"], "pigz").then((text) => text.trim()),
      },
    );
  }
  if (wants("memcached")) {
    const abort = new AbortController();
    const asked = askMemcached(join(scratch, "socket"), abort.signal);
    asked.catch(() => undefined);
    // Items of 1 KiB at least: a slab page is cut into few of them, which is done under a lock and would be much of the trace.
    const args = ["-A", "-s", join(scratch, "socket"), "-t", "4", "-m", "8", "-n", "1024", "-o", "no_modern"];
    try {
      await ship(
        "memcached",
        "Memory references, threads and locks of memcached with four worker threads",
        `A whole run, ${memcachedClients}: thousands of short critical sections on a hash table, lists and statistics that all workers share.`,
        {
          program: "memcached",
          args: process.getuid?.() === 0 ? [...args, "-u", "root"] : args,
          programVersion: await output("memcached", ["--version"], "memcached").then((text) => text.trim()),
        },
        { clients: memcachedClients },
      );
      await asked;
    } finally {
      abort.abort();
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
