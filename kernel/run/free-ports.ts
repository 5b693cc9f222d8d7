import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Ports below those that systems give to the near end of a connection: one of these would be gone between the look and the use,
 * about once in a hundred kernels that start while others are being connected to.
 */
const first = 10_000;
const end = 32_768;
/** A process gives ports of its own block away, whose lowest it listens at: two that look at once would give the same ones. */
const blockSize = 32;
const blocks = Math.floor((end - first) / blockSize);
/** So many taken ones in a row mean that something else is wrong. */
const tries = 1000;

/** Where the next look for a block begins. At random: other processes look, too. */
let nextBlock = randomInt(blocks);
/** Ports of the block that are not given away yet. */
let left: number[] = [];
/** Who listens at the block's lowest port, and at that of the one before: what was given last may not be used yet. */
const holders: Server[] = [];
let taking: Promise<void> | undefined;

/**
 * Ports of this machine's loopback that nobody listens on now. This process is given none twice, until it has come round; of its
 * last two blocks no other one is given any by this function. A program that looks in another way may still take one before it is used.
 *
 * @throws when none can be had, with the last reason
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  let reason: unknown;
  let taken = 0;
  while (ports.length < count) {
    if (taken === tries) throw reason;
    const port = left.shift();
    try {
      if (port === undefined) {
        taking ??= takeBlock();
        await taking;
        continue;
      }
      await once((await listen(port)).close(), "close");
      ports.push(port);
      taken = 0;
    } catch (error) {
      taken += 1;
      reason = error;
    }
  }
  return ports;
}

/** @throws when another process has it */
async function takeBlock(): Promise<void> {
  const lowest = first + nextBlock * blockSize;
  nextBlock = (nextBlock + 1) % blocks;
  try {
    const holder = await listen(lowest);
    holder.unref();
    holders.push(holder);
    if (holders.length > 2) holders.shift()!.close();
    left = Array.from({ length: blockSize - 1 }, (_, index) => lowest + 1 + index);
  } finally {
    taking = undefined;
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
