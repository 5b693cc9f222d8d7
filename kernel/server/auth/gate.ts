import type { IncomingHttpHeaders } from "node:http";

import { HttpError } from "../http/route.ts";
import type { Session, SessionCookies } from "./cookie.ts";
import { sameText } from "./same-text.ts";

/** How a request showed that it may. */
export type Visitor = { readonly by: "header" | "query" } | { readonly by: "cookie"; readonly session: Session };

/** What the gate looks at. */
export interface Knock {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** Who may do what. */
export interface Gate {
  /**
   * Refuses a request that was meant for another host: a page of an attacker whose name resolves to this machine (DNS
   * rebinding).
   *
   * @throws HttpError 403
   */
  checkHost(headers: IncomingHttpHeaders): void;
  /** Who knocks; undefined without token and session. */
  identify(knock: Knock): Visitor | undefined;
  /**
   * Refuses what a page of another origin may have made the user's browser send with its cookie.
   *
   * @param navigation whether the answer is a page, which another page may link to
   * @throws HttpError 403
   */
  checkOrigin(knock: Knock, visitor: Visitor, navigation: boolean): void;
  /**
   * The same for a websocket, which browsers open across origins without asking: with a cookie its Origin must be there
   * and ours.
   *
   * @throws HttpError 403
   */
  checkSocketOrigin(headers: IncomingHttpHeaders, visitor: Visitor): void;
  /** Whether this is the token. */
  admits(token: string): boolean;
}

/** The gate of a server with this token. */
export function createGate(token: string, cookies: SessionCookies): Gate {
  const admits = (given: string): boolean => sameText(given, token);
  return {
    admits,
    checkHost({ host }) {
      if (!isLoopback(host ?? ""))
        throw new HttpError(403, `expected a Host header that names this machine's loopback, got ${shown(host)}`);
    },
    identify({ url, headers }) {
      const [, given] = /^(?:token|bearer)\s+(\S+)$/iu.exec(headers.authorization ?? "") ?? [];
      if (given !== undefined && admits(given)) return { by: "header" };
      const inQuery = url.searchParams.get("token");
      if (inQuery !== null && admits(inQuery)) return { by: "query" };
      const session = cookies.read(headers.cookie, Date.now());
      return session && { by: "cookie", session };
    },
    checkOrigin({ method, url, headers }, visitor, navigation) {
      // Who sends the token knows it: no page of another origin does.
      if (visitor.by !== "cookie") return;
      if (headers.origin !== undefined) checkSame(headers.origin, headers.host);
      if (method === "GET" || method === "HEAD") {
        if (navigation) return;
        // A script or image of this server in a page of another port would carry the cookie: ports are one site.
        const site = headers["sec-fetch-site"];
        if (site === undefined) checkReferer(headers);
        else if (site !== "same-origin" && site !== "none")
          throw new HttpError(403, "expected a request from a page of this server, got one from elsewhere");
        return;
      }
      const sent = headers["x-xsrftoken"] ?? url.searchParams.get("_xsrf") ?? "";
      if (typeof sent !== "string" || !sameText(sent, visitor.session.xsrf))
        throw new HttpError(403, "expected the page's XSRF value in X-XSRFToken (load the page again), got another");
    },
    checkSocketOrigin(headers, visitor) {
      if (visitor.by !== "cookie" && headers.origin === undefined) return;
      checkSame(headers.origin, headers.host);
    },
  };
}

function checkSame(origin: string | undefined, host: string | undefined): void {
  if (origin !== undefined && host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`) return;
  throw new HttpError(403, `expected this server's own origin, got ${shown(origin)}`);
}

function checkReferer({ referer, host }: IncomingHttpHeaders): void {
  if (referer === undefined) throw new HttpError(403, "expected a Referer or Sec-Fetch-Site header, got neither");
  if (!URL.canParse(referer)) throw new HttpError(403, "expected a Referer that is a URL");
  checkSame(new URL(referer).origin, host);
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/u, "").toLowerCase();
  return name === "localhost" || name === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(name);
}

const shown = (text: string | undefined): string => (text === undefined ? "none" : JSON.stringify(text.slice(0, 80)));
