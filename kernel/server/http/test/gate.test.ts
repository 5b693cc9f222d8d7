import fc from "fast-check";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { sessionCookies } from "../../auth/cookie.ts";
import { loginRoutes } from "../../auth/login.ts";
import { createGate } from "../../auth/gate.ts";
import { HttpError, json, type Route } from "../route.ts";
import { serve, type RawReply, type Serving } from "./serving.ts";

let server: Serving;
const opened: string[] = [];
const written: string[] = [];

beforeAll(async () => {
  const routes: Route[] = [
    { method: "GET", path: "/page/*path", policy: "page", answer: () => ({ status: 200, body: "page" }) },
    { method: "GET", path: "/api/secret", answer: () => json({ secret: 1 }) },
    {
      method: "PUT",
      path: "/api/secret",
      answer: async (context) => {
        written.push((await context.body()).toString());
        return json({});
      },
    },
    { method: "GET", path: "/files/*path", policy: "file", answer: () => ({ status: 200, body: "file" }) },
    {
      method: "GET",
      path: "/api/broken",
      answer: () => {
        throw new Error("the reason, which is for the log alone");
      },
    },
    {
      method: "GET",
      path: "/api/refused",
      answer: () => {
        throw new HttpError(409, "expected one thing, got another");
      },
    },
    // The login page of the server that the tests reach is made with the same token and key as its gate.
    ...loginRoutes(
      createGate("0123456789abcdef0123456789abcdef0123456789abcdef", sessionCookies(Buffer.from("a key for tests"), 0)),
      sessionCookies(Buffer.from("a key for tests"), 0),
    ),
  ];
  const sockets = [{ path: "/api/socket", protocols: ["v1"], open: () => opened.push("socket") }];
  server = await serve({ routes, sockets, maxBodyBytes: 1000 });
});
afterAll(async () => {
  await server.close();
});

/** The cookies of an answer as a `cookie` header, and the XSRF value among them. */
function session(reply: RawReply): { cookie: string; xsrf: string } {
  const pairs = (reply.headers["set-cookie"] ?? []).map((each) => each.split(";")[0] ?? "");
  return { cookie: pairs.join("; "), xsrf: /_xsrf=([^;]*)/u.exec(pairs.join("; "))?.[1] ?? "" };
}

async function logIn(): Promise<{ cookie: string; xsrf: string }> {
  return session(await server.raw("GET", `/page/a?token=${server.token}`));
}

describe("the token", () => {
  it("is needed for everything but the login page", async () => {
    expect((await server.raw("GET", "/api/secret")).status).toBe(403);
    expect((await server.raw("PUT", "/api/secret", { body: "{}" })).status).toBe(403);
    expect((await server.raw("GET", "/files/a")).status).toBe(403);
    const page = await server.raw("GET", "/page/a?b=1");
    expect([page.status, page.headers.location]).toEqual([302, "/login?next=%2Fpage%2Fa%3Fb%3D1"]);
    expect((await server.raw("GET", "/login")).status).toBe(200);
    expect(written).toEqual([]);
  });

  it("comes in a header in both of Jupyter's forms, or in the query", async () => {
    for (const authorization of [`token ${server.token}`, `Bearer ${server.token}`, `Token ${server.token}`])
      expect((await server.raw("GET", "/api/secret", { headers: { authorization } })).status).toBe(200);
    expect((await server.raw("GET", `/api/secret?token=${server.token}`)).status).toBe(200);
  });

  it("is refused when it is wrong, short, long, empty or somebody's idea of a pattern", async () => {
    const { token } = server;
    const wrong = [
      "",
      "x",
      token.slice(0, -1),
      `${token}0`,
      token.toUpperCase(),
      "*",
      "undefined",
      "null",
      "%00",
      token.replace("0", "1"),
    ];
    for (const each of wrong) {
      expect(
        (await server.raw("GET", "/api/secret", { headers: { authorization: `token ${each}` } })).status,
        each,
      ).toBe(403);
      expect((await server.raw("GET", `/api/secret?token=${encodeURIComponent(each)}`)).status, each).toBe(403);
      expect(
        (await server.raw("GET", "/api/secret", { headers: { authorization: `Basic ${each}` } })).status,
        each,
      ).toBe(403);
    }
  });

  it("becomes a session and leaves the address", async () => {
    const reply = await server.raw("GET", `/page/a?x=1&token=${server.token}&y=2`);
    expect([reply.status, reply.headers.location]).toEqual([302, "/page/a?x=1&y=2"]);
    const [cookie = "", xsrf = ""] = reply.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/; HttpOnly/u);
    expect(cookie).toMatch(/; SameSite=Strict/u);
    expect(cookie).not.toContain(server.token);
    expect(xsrf).toMatch(/^_xsrf=[\w-]{20,};.*SameSite=Strict/u);
    expect((await server.raw("GET", "/page/a", { headers: session(reply) })).text).toBe("page");
  });

  it("is never in the log, nor are details of an error in its answer", async () => {
    const reply = await server.raw("GET", `/api/broken?token=${server.token}`);
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain("the reason");
    expect(server.logged.join("\n")).toContain("the reason");
    expect(server.logged.join("\n")).not.toContain(server.token);
  });

  it("opens the door of the login page, also as the whole address, and only there", async () => {
    const enter = (token: string, next = "/page/a"): Promise<RawReply> =>
      server.raw("POST", "/login", { body: new URLSearchParams({ token, next }).toString() });
    expect((await enter("wrong")).status).toBe(401);
    expect((await enter("wrong")).headers["set-cookie"]).toBeUndefined();
    const entered = await enter(` ${server.token} `);
    expect([entered.status, entered.headers.location]).toEqual([302, "/page/a"]);
    expect(
      (await server.raw("GET", "/api/secret", { headers: { ...session(entered), "sec-fetch-site": "same-origin" } }))
        .status,
    ).toBe(200);
    expect((await enter(`http://127.0.0.1:8888/tree?token=${server.token}`)).status).toBe(302);
    for (const elsewhere of [
      "//evil.example/",
      "/\\evil.example/",
      "https://evil.example/",
      "\t//evil.example",
      "javascript:alert(1)",
    ])
      expect((await enter(server.token, elsewhere)).headers.location, elsewhere).toMatch(/^\/(?![/\\])/u);
  });

  it("does not let a stranger send more than a token", async () => {
    expect((await server.raw("POST", "/login", { body: "x".repeat(100_000) })).status).toBe(413);
  });
});

describe("the session's cookie", () => {
  it("is refused when a character of it is changed, and when another key signed it", async () => {
    const { cookie } = await logIn();
    const name = cookie.split("=")[0] ?? "";
    const value = /=([^;]*)/u.exec(cookie)?.[1] ?? "";
    const ask = async (text: string): Promise<number> =>
      (
        await server.raw("GET", "/api/secret", {
          headers: { cookie: `${name}=${text}`, "sec-fetch-site": "same-origin" },
        })
      ).status;
    expect(await ask(value)).toBe(200);
    for (let at = 0; at < value.length; at += 1) {
      const changed = value.slice(0, at) + (value[at] === "A" ? "B" : "A") + value.slice(at + 1);
      expect(await ask(changed), `character ${at}`).toBe(403);
    }
    const [forged = ""] = sessionCookies(Buffer.from("another key"), 0).issue(Date.now());
    expect(await ask(/=([^;]*)/u.exec(forged)?.[1] ?? "")).toBe(403);
    const [otherPort = ""] = sessionCookies(Buffer.from("a key for tests"), 1).issue(Date.now());
    expect(await ask(/=([^;]*)/u.exec(otherPort)?.[1] ?? "")).toBe(403);
  });

  it("ends after its time", () => {
    const cookies = sessionCookies(Buffer.from("k"), 1);
    const [issued = ""] = cookies.issue(0);
    const pair = issued.split(";")[0];
    expect(cookies.read(pair, 1000)).toBeDefined();
    expect(cookies.read(pair, 31 * 24 * 3600 * 1000)).toBeUndefined();
  });

  it("reads no session out of noise", () => {
    const cookies = sessionCookies(Buffer.from("k"), 1);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(cookies.read(`veelab-1=${a}; ${b}`, 0)).toBeUndefined();
      }),
    );
  });
});

describe("a page of another origin", () => {
  it("cannot change anything: its request has no XSRF value, or another's", async () => {
    const mine = await logIn();
    const other = await logIn();
    const put = async (headers: Record<string, string>): Promise<number> =>
      (await server.raw("PUT", "/api/secret", { headers: { cookie: mine.cookie, ...headers }, body: "{}" })).status;
    expect(await put({})).toBe(403);
    expect(await put({ "x-xsrftoken": "" })).toBe(403);
    expect(await put({ "x-xsrftoken": other.xsrf })).toBe(403);
    expect(await put({ "x-xsrftoken": mine.xsrf, origin: "http://evil.example" })).toBe(403);
    expect(await put({ "x-xsrftoken": mine.xsrf, origin: "null" })).toBe(403);
    expect(await put({ "x-xsrftoken": mine.xsrf, origin: `https://${server.host}` })).toBe(403);
    expect(written).toEqual([]);
    expect(await put({ "x-xsrftoken": mine.xsrf, origin: `http://${server.host}` })).toBe(200);
    expect(written).toEqual(["{}"]);
  });

  it("cannot read either, by a script element of another port of this host", async () => {
    const { cookie } = await logIn();
    const get = async (target: string, headers: Record<string, string>): Promise<number> =>
      (await server.raw("GET", target, { headers: { cookie, ...headers } })).status;
    for (const target of ["/api/secret", "/files/a"]) {
      expect(await get(target, { "sec-fetch-site": "same-site" })).toBe(403);
      expect(await get(target, { "sec-fetch-site": "cross-site" })).toBe(403);
      expect(await get(target, {})).toBe(403);
      expect(await get(target, { referer: "http://127.0.0.1:1/" })).toBe(403);
      expect(await get(target, { referer: `http://${server.host}@evil.example/` })).toBe(403);
      expect(await get(target, { referer: `http://${server.host}/tree` })).toBe(200);
      expect(await get(target, { "sec-fetch-site": "same-origin" })).toBe(200);
      expect(await get(target, { "sec-fetch-site": "none" })).toBe(200);
    }
  });

  it("cannot reach the server by a name of its own (DNS rebinding), token or not", async () => {
    const authorization = `token ${server.token}`;
    const hosts = [
      "evil.example",
      `evil.example:${server.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "127.0.0.1@evil.example",
      "[::2]",
      "0.0.0.0",
      "192.168.0.1",
      "",
      "localhost:1:2",
      "1127.0.0.1",
    ];
    for (const host of hosts) {
      expect((await server.raw("GET", "/api/secret", { headers: { host, authorization } })).status, host).toBe(403);
      expect((await server.raw("GET", "/login", { headers: { host } })).status, host).toBe(403);
    }
    for (const host of ["localhost", `localhost:${server.port}`, "127.0.0.1", "[::1]:80", "LOCALHOST"])
      expect((await server.raw("GET", "/api/secret", { headers: { host, authorization } })).status, host).toBe(200);
  });
});

describe("a websocket", () => {
  const connect = async (headers: Record<string, string>, path = "/api/socket"): Promise<number | "open"> => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, ["v1"], { headers });
    const outcome = await new Promise<number | "open">((resolve, reject) => {
      socket.once("open", () => {
        resolve("open");
      });
      socket.once("unexpected-response", (_request, response) => {
        resolve(response.statusCode ?? 0);
      });
      socket.once("error", reject);
    });
    if (outcome === "open") {
      socket.close();
      await once(socket, "close");
    }
    return outcome;
  };

  it("needs the token or a session", async () => {
    expect(await connect({})).toBe(403);
    expect(await connect({ authorization: "token x" })).toBe(403);
    expect(opened).toEqual([]);
    expect(await connect({ authorization: `token ${server.token}` })).toBe("open");
    expect(await connect({}, `/api/socket?token=${server.token}`)).toBe("open");
    expect(opened).toHaveLength(2);
  });

  it("with a session needs this server's Origin, and a Host of this machine", async () => {
    const { cookie } = await logIn();
    const before = opened.length;
    expect(await connect({ cookie })).toBe(403);
    expect(await connect({ cookie, origin: "http://evil.example" })).toBe(403);
    expect(await connect({ cookie, origin: "http://127.0.0.1:1" })).toBe(403);
    expect(await connect({ cookie, origin: "null" })).toBe(403);
    expect(await connect({ cookie, origin: "http://evil.example", host: "evil.example" })).toBe(403);
    expect(opened).toHaveLength(before);
    expect(await connect({ cookie, origin: `http://${server.host}` })).toBe("open");
  });

  it("with the token from a page of another origin is refused, too", async () => {
    expect(await connect({ origin: "http://evil.example" }, `/api/socket?token=${server.token}`)).toBe(403);
  });

  it("at no known path is not found", async () => {
    expect(await connect({ authorization: `token ${server.token}` }, "/api/none")).toBe(404);
  });
});

describe("every answer", () => {
  it("carries the policy of its kind, whatever its status", async () => {
    const policy = async (target: string): Promise<string> =>
      String((await server.call("GET", target)).headers["content-security-policy"]);
    expect(await policy("/page/a")).toContain(`script-src http://${server.host}/static/ blob: 'unsafe-eval';`);
    expect(await policy("/page/a")).not.toMatch(/script-src[^;]*unsafe-inline/u);
    expect(await policy("/page/a")).toContain("frame-ancestors 'self'");
    expect(await policy("/api/secret")).toContain("default-src 'none'");
    expect(await policy("/api/refused")).toContain("default-src 'none'");
    expect(await policy("/nowhere")).toContain("default-src 'none'");
    expect(await policy("/files/a")).toMatch(/sandbox(?!.*allow-same-origin)/u);
    for (const target of ["/page/a", "/api/refused", "/nowhere", "/files/a"]) {
      const { headers } = await server.call("GET", target);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  it("to a body that is too long is 413, declared or not, and ends the connection", async () => {
    const long = "x".repeat(2000);
    const declared = await server.call("PUT", "/api/secret", long, { "content-length": "2000" });
    const chunked = await server.call("PUT", "/api/secret", long, { "transfer-encoding": "chunked" });
    expect([declared.status, chunked.status]).toEqual([413, 413]);
    expect(declared.headers.connection).toBe("close");
    expect(written).toEqual(["{}"]);
  });

  it("to an unknown path or method says so", async () => {
    expect((await server.call("GET", "/api/nothing")).json()).toEqual({
      message: "there is nothing at this path",
      reason: null,
    });
    expect((await server.call("DELETE", "/api/secret")).status).toBe(405);
    const head = await server.call("HEAD", "/api/secret");
    expect([head.status, head.text]).toEqual([200, ""]);
  });

  it("comes to any path and query, never as an error of the server", { timeout: 60_000 }, async () => {
    const target = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            "..",
            ".",
            "%2e%2e",
            "%2f",
            "%5c",
            "%00",
            "%",
            "%zz",
            "api",
            "files",
            "page",
            "~",
            "?",
            "=",
            "&",
            ";",
          ),
          fc.stringMatching(/^[!-~]{0,8}$/u),
        ),
      )
      .map((parts) => `/${parts.join("/").replaceAll("#", "")}`);
    await fc.assert(
      fc.asyncProperty(target, fc.constantFrom("GET", "PUT", "PATCH", "POST", "DELETE"), async (path, method) => {
        const { status } = await server.call(method, path);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});
