import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { address, checkConnection, readConnection } from "../connection.ts";

const folder = mkdtempSync(join(tmpdir(), "veelab-connection-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };

describe("a connection file", () => {
  it("is read with what clients leave out", () => {
    expect(checkConnection(ports)).toEqual({
      ...ports,
      transport: "tcp",
      ip: "127.0.0.1",
      key: "",
      signature_scheme: "hmac-sha256",
    });
  });

  it("gives addresses over TCP and in the file system", () => {
    expect(address(checkConnection(ports), "hb_port")).toBe("tcp://127.0.0.1:5");
    expect(address(checkConnection({ ...ports, transport: "ipc", ip: "/run/kernel" }), "hb_port")).toBe(
      "ipc:///run/kernel-5",
    );
  });

  it("that cannot be used is refused with the file and the field", () => {
    const file = join(folder, "connection.json");
    const refused = (text: string): string => {
      writeFileSync(file, text);
      try {
        readConnection(file);
      } catch (error) {
        return (error as Error).message.replace(file, "FILE");
      }
      return "taken";
    };
    expect(refused("{")).toMatch(/^FILE: expected a connection file in JSON/);
    expect(refused("[]")).toBe("FILE: expected a JSON object");
    expect(refused("{}")).toBe("FILE: shell_port: expected a port number, got nothing");
    expect(refused(JSON.stringify({ ...ports, hb_port: 70000 }))).toBe(
      "FILE: hb_port: expected a port number, got 70000",
    );
    expect(refused(JSON.stringify({ ...ports, transport: "udp" }))).toBe(
      'FILE: transport: expected "tcp" or "ipc", got "udp"',
    );
    expect(refused(JSON.stringify({ ...ports, key: 1 }))).toBe("FILE: key: expected a string, got 1");
    expect(() => readConnection(join(folder, "missing"))).toThrow(/expected a connection file in JSON \(ENOENT/);
  });
});
