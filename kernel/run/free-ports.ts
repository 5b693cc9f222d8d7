import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Ports below those that systems give to the near end of a connection: one of these would be gone between the look and the use,
 * about once in a hundred kernels that start while others are being connected to.
 */
const first = 10_000;
const end = 32_768;
/** So many taken ones in a row mean that something else is wrong. */
const tries = 1000;

/** Where the next look begins. At random: other processes look for ports, too. */
let next = randomInt(first, end);

/**
 * Ports of this machine's loopback that nobody listens on now. This process is given none twice, until it has come round; another one
 * may still take one before it is used.
 *
 * @throws when none can be had, with the last reason
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  let reason: unknown;
  let taken = 0;
  while (ports.length < count) {
    if (taken === tries) throw reason;
    const port = next;
    next = port + 1 < end ? port + 1 : first;
    try {
      await listen(port);
      ports.push(port);
      taken = 0;
    } catch (error) {
      taken += 1;
      reason = error;
    }
  }
  return ports;
}

/** Listens and stops. */
function listen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve();
      });
    });
  });
}
