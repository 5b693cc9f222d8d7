import { readFileSync } from "node:fs";
import { isJsonObject, showJson } from "../protocol/json.ts";

/** Where a kernel's sockets are, as a Jupyter client writes it into the connection file. */
export interface Connection {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly key: string;
  readonly signature_scheme: string;
}

/** The ports in a connection file. */
export type PortName = "shell_port" | "iopub_port" | "stdin_port" | "control_port" | "hb_port";

const portNames = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;

/** A connection file that cannot be used. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/**
 * Reads and checks a connection file.
 *
 * @throws ConnectionError in one sentence with the file and the field.
 */
export function readConnection(file: string): Connection {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConnectionError(`${file}: expected a connection file in JSON (${(error as Error).message})`, {
      cause: error,
    });
  }
  try {
    return checkConnection(value);
  } catch (error) {
    throw new ConnectionError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Checks a connection file's value. */
export function checkConnection(value: unknown): Connection {
  if (!isJsonObject(value)) throw new ConnectionError("expected a JSON object");
  const text = (name: string, fallback: string): string => {
    const found = value[name] ?? fallback;
    if (typeof found !== "string") throw new ConnectionError(`${name}: expected a string, got ${showJson(found)}`);
    return found;
  };
  const transport = text("transport", "tcp");
  if (transport !== "tcp" && transport !== "ipc")
    throw new ConnectionError(`transport: expected "tcp" or "ipc", got ${showJson(transport)}`);
  const ports = portNames.map((name) => {
    const port = value[name];
    // With ipc a "port" is the end of a path.
    if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || (transport === "tcp" && port > 65_535))
      throw new ConnectionError(`${name}: expected a port number, got ${showJson(port)}`);
    return [name, port] as const;
  });
  return {
    transport,
    ip: text("ip", "127.0.0.1"),
    key: text("key", ""),
    signature_scheme: text("signature_scheme", "hmac-sha256"),
    ...(Object.fromEntries(ports) as Record<PortName, number>),
  };
}

/** The ZeroMQ address of one of a connection's ports. */
export function address(connection: Connection, port: PortName): string {
  const { transport, ip } = connection;
  return transport === "tcp" ? `tcp://${ip}:${connection[port]}` : `ipc://${ip}-${connection[port]}`;
}
