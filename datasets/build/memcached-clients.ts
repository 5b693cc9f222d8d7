import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What the clients ask for; goes into the provenance. */
export const memcachedClients =
  "4 clients with a connection each, 600 requests one after the other, 30 % sets of 64 bytes and gets of 200 keys, the cube of a uniform number times 200";

const clients = 4;
const requests = 600;
const keys = 200;
const setShare = 0.3;

async function connected(path: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, "connect", { signal });
      return socket;
    } catch (error) {
      socket.destroy();
      if (signal.aborted) throw error;
      await sleep(50);
    }
  }
}

/** Asks memcached at a socket, and then tells it to end (it must run with `-A`). The same requests in every run; not their order. */
export async function askMemcached(path: string, signal: AbortSignal): Promise<void> {
  const sockets: Socket[] = [];
  for (let client = 0; client < clients; client += 1) sockets.push(await connected(path, signal));
  await Promise.all(
    sockets.map(async (socket, client) => {
      let state = client + 1;
      const random = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      for (let request = 0; request < requests; request += 1) {
        const key = `key${Math.floor(keys * random() ** 3)}`;
        socket.write(random() < setShare ? `set ${key} 0 0 64\r\n${"x".repeat(64)}\r\n` : `get ${key}\r\n`);
        let answer = "";
        while (!/(STORED|END)\r\n$/.test(answer)) {
          const [chunk] = (await once(socket, "data", { signal })) as [Buffer];
          answer += chunk.toString("latin1");
        }
      }
    }),
  );
  sockets[0]!.write("shutdown\r\n");
  await Promise.all(sockets.map((socket) => once(socket, "close", { signal })));
}
