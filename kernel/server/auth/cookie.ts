import { createHmac, randomBytes } from "node:crypto";

import { sameText } from "./same-text.ts";

/** The cookies by which a browser that has shown the token is known again. */
export interface SessionCookies {
  /** A new session's `set-cookie` headers: the signed session, and the XSRF value that its page must send back. */
  issue(now: number): string[];
  /** Headers that end a session in the browser. */
  expire(): string[];
  /** The session in a `cookie` header; undefined when there is none, it was changed, or it is too old. */
  read(header: string | undefined, now: number): Session | undefined;
}

/** A browser that has shown the token. */
export interface Session {
  /** What the page sends with every request that changes something; made from the session and the server's key. */
  readonly xsrf: string;
  /** The header that sets it again: another server of this host may have overwritten it, cookies have no port. */
  readonly setXsrf: string;
}

const lifetimeS = 30 * 24 * 3600;

/**
 * Cookies of a server on a port. The session's name holds the port, since browsers send cookies to every port of a
 * host.
 *
 * @param key signs them; who does not know it can make none
 */
export function sessionCookies(key: Uint8Array, port: number): SessionCookies {
  const name = `veelab-${port}`;
  const sign = (...parts: readonly string[]): string =>
    createHmac("sha256", key)
      .update([name, ...parts].join("|"))
      .digest("base64url");
  const xsrfOf = (session: string): string => sign("xsrf", session);
  const attributes = `; Path=/; SameSite=Strict; Max-Age=${lifetimeS}`;
  const setXsrf = (session: string): string => `_xsrf=${xsrfOf(session)}${attributes}`;
  return {
    issue(now) {
      const body = `${Math.floor(now / 1000) + lifetimeS}.${randomBytes(16).toString("base64url")}`;
      const session = `${body}.${sign("session", body)}`;
      return [`${name}=${session}; HttpOnly${attributes}`, setXsrf(session)];
    },
    expire() {
      return [`${name}=; HttpOnly; Path=/; SameSite=Strict; Max-Age=0`, "_xsrf=; Path=/; SameSite=Strict; Max-Age=0"];
    },
    read(header, now) {
      for (const session of valuesOf(header, name)) {
        const at = session.lastIndexOf(".");
        const body = session.slice(0, Math.max(at, 0));
        if (!sameText(session.slice(at + 1), sign("session", body))) continue;
        if (Number(body.split(".")[0]) * 1000 <= now) continue;
        return { xsrf: xsrfOf(session), setXsrf: setXsrf(session) };
      }
      return undefined;
    },
  };
}

function valuesOf(header: string | undefined, name: string): string[] {
  return (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
