// The kernel's process: `node [flags] main.js <connection file>`; see argv.ts.
import { writeSync } from "node:fs";
import { inspect } from "node:util";
import { getHeapStatistics } from "node:v8";
import { MessageChannel, Worker } from "node:worker_threads";
import { createRingMemory } from "./session/ring.ts";
import type { SocketsData } from "./session/sockets-thread.ts";
import { readConnection } from "./transport/connection.ts";

/** What V8's limit on the heap counts for young objects, three times 16 MiB: what lasts cannot use it. */
const youngBytes = 48 << 20;

const exit: (code: number) => never = process.exit.bind(process);

async function main(): Promise<void> {
  const [file, ...rest] = process.argv.slice(2);
  if (file === undefined || rest.length > 0) {
    console.error("usage: node main.js <connection file>");
    exit(2);
  }
  const memory = createRingMemory();
  const { port1: port, port2 } = new MessageChannel();
  const workerData: SocketsData = {
    port: port2,
    connection: readConnection(file),
    memory,
    heapLimit: getHeapStatistics().heap_size_limit - youngBytes,
  };
  const worker = new Worker(new URL("./session/sockets-thread.js", import.meta.url), {
    workerData,
    transferList: [port2],
  });
  worker.on("error", (error) => {
    // The console is the cells'.
    writeSync(2, `${inspect(error)}\n`);
    exit(1);
  });
  // Loaded beside the other thread, which answers meanwhile; what it sends waits in the port.
  const { startUserThread } = await import("./session/user-thread.ts");
  startUserThread(port, memory, exit);
}

await main();
