import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, it, vi } from "vitest";

vi.mock("node:crypto", () => ({ randomInt: () => 7 }));
afterEach(() => vi.resetModules());

/** Loaded anew, as another process has it: it begins to look at the same port. */
async function looker(): Promise<(count: number) => Promise<number[]>> {
  vi.resetModules();
  return (await import("../free-ports.ts")).freePorts;
}

it("no two that look at once are given the same port, however they take turns", async () => {
  const lookers = await Promise.all([looker(), looker(), looker()]);
  const given = await Promise.all(lookers.flatMap((look) => [look(5), look(40), look(5), look(5)]));
  const ports = given.flat();
  expect(ports).toHaveLength(165);
  expect(new Set(ports).size).toBe(165);
  expect(Math.min(...ports)).toBeGreaterThan(10_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it("a port that is listened at is not given", async () => {
  const look = await looker();
  const [port = 0] = await look(1);
  const server = createServer().listen(port + 1, "127.0.0.1");
  await once(server, "listening");
  const given = await look(31);
  server.close();
  expect(given).not.toContain(port + 1);
});
