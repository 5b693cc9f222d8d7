import fc from "fast-check";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { serve, type Serving } from "../../http/test/serving.ts";
import { loadPage } from "../../page/page.ts";
import { pageRoutes } from "../../page/pages.ts";
import { staticRoute } from "../../page/static.ts";
import { labRoutes } from "../routes.ts";

const folder = mkdtempSync(join(tmpdir(), "veelab-lab-"));
const built = join(folder, "page");
const data = join(folder, "data");
const id = "@jupyterlab/apputils-extension:themes";
let server: Serving;

function put(file: string, text: string): void {
  mkdirSync(join(built, file, ".."), { recursive: true });
  writeFileSync(join(built, file), text);
}

beforeAll(async () => {
  const schema = {
    title: "Theme",
    type: "object",
    additionalProperties: false,
    properties: { theme: { type: "string", default: "Light" }, size: { type: "number", default: 1 } },
  };
  put("schemas/themes.json", JSON.stringify(schema));
  put("schemas/keys.json", JSON.stringify({ title: "Keys", type: "object" }));
  put("themes/@jupyterlab/theme-light-extension/index.css", "body {}");
  put("static/main.0123abcd4567ef89.js", "export {};");
  put("static/plain.js", "x".repeat(100));
  put("static/plain.js.gz", "not really packed");
  put("third-party-licenses.json", '{"bundles":{}}');
  put("secret.txt", "not for the page");
  put(
    "manifest.json",
    JSON.stringify({
      version: "1.2.3",
      shells: {
        notebook: { scripts: ["main.0123abcd4567ef89.js"], styles: [], preloads: { tree: ["chunk.js"] } },
        lab: { scripts: [], styles: [], preloads: {} },
      },
      settings: {
        [id]: { schema: "schemas/themes.json", version: "4.6.4" },
        "@jupyterlab/shortcuts-extension:shortcuts": { schema: "schemas/keys.json", version: "5.4.4" },
      },
      overrides: { [id]: { theme: "Dark" } },
    }),
  );
  const page = loadPage(built);
  const pages = pageRoutes({
    page,
    kindOf: (path) =>
      Promise.resolve(path.endsWith(".ipynb") ? "notebook" : path.endsWith(".ts") ? "file" : "directory"),
    startFolder: "notebooks",
    rootName: "<root>",
    exposeAppInBrowser: false,
  });
  const files = staticRoute("/static", join(built, "static"), page.files("static"));
  server = await serve({ routes: [...labRoutes(page, data), files, ...pages] });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe("settings", () => {
  const path = `/lab/api/settings/${id}`;

  it("are listed with their schemas, or by id alone", async () => {
    const { settings } = (await server.call("GET", "/lab/api/settings")).json() as {
      settings: { id: string; version: string }[];
    };
    expect(settings.map((each) => [each.id, each.version])).toEqual([
      [id, "4.6.4"],
      ["@jupyterlab/shortcuts-extension:shortcuts", "5.4.4"],
    ]);
    const ids = (await server.call("GET", "/lab/api/settings?ids_only=true")).json();
    expect(ids).toEqual({ settings: [{ id }, { id: "@jupyterlab/shortcuts-extension:shortcuts" }] });
  });

  it("have the product's defaults where these differ from the front end's", async () => {
    const { schema } = (await server.call("GET", path)).json() as {
      schema: { properties: Record<string, { default: unknown }> };
    };
    expect(schema.properties["theme"]?.default).toBe("Dark");
    expect(schema.properties["size"]?.default).toBe(1);
  });

  it("are kept with their comments, in a file that only the user can read", async () => {
    const raw = '// mine\n{ "theme": "Light", /* why not */ }';
    expect((await server.call("PUT", path, { raw })).status).toBe(204);
    expect((await server.call("GET", path)).json()).toMatchObject({ raw, settings: { theme: "Light" }, warning: null });
    const [file = ""] = readdirSync(join(data, "settings"));
    expect(statSync(join(data, "settings")).mode & 0o077).toBe(0);
    expect(file).toBe("%40jupyterlab%2Fapputils-extension%3Athemes");
  });

  it("are refused in a sentence when they are no JSON, no object or not what the schema wants; the old ones stay", async () => {
    await server.call("PUT", path, { raw: '{"theme": "Light"}' });
    for (const [raw, sentence] of [
      ["{", /JSON/u],
      ["[1]", /object/u],
      ['{"size": "big"}', /size.*number/u],
      ['{"other": 1}', /additional properties/u],
    ] as const) {
      const reply = await server.call("PUT", path, { raw });
      expect(reply.status, raw).toBe(400);
      expect((reply.json() as { message: string }).message).toMatch(sentence);
    }
    expect((await server.call("PUT", path, {})).status).toBe(400);
    expect((await server.call("GET", path)).json()).toMatchObject({ settings: { theme: "Light" } });
  });

  it("of an unknown plugin are not found, read or written", async () => {
    for (const other of ["nobody:nothing", "__proto__", "..", "a/b/c:d"]) {
      expect((await server.call("GET", `/lab/api/settings/${other}`)).status, other).toBe(404);
      expect((await server.call("PUT", `/lab/api/settings/${other}`, { raw: "{}" })).status, other).not.toBe(204);
    }
  });

  it("that were damaged on disk come back as none, with a warning", async () => {
    writeFileSync(join(data, "settings", "%40jupyterlab%2Fapputils-extension%3Athemes"), "{ broken");
    const setting = (await server.call("GET", path)).json() as { warning: string; settings: unknown };
    expect(setting.settings).toEqual({});
    expect(setting.warning).toMatch(/JSON/u);
  });
});

describe("workspaces and config", () => {
  it("are kept, listed and removed", async () => {
    const workspace = { data: { "layout-restorer:data": { main: {} } }, metadata: { id: "default" } };
    expect((await server.call("GET", "/lab/api/workspaces/default")).json()).toEqual({
      data: {},
      metadata: { id: "default" },
    });
    expect((await server.call("PUT", "/lab/api/workspaces/default", workspace)).status).toBe(204);
    expect((await server.call("GET", "/lab/api/workspaces/default")).json()).toMatchObject(workspace);
    expect((await server.call("GET", "/lab/api/workspaces")).json()).toMatchObject({
      workspaces: { ids: ["default"], values: [workspace] },
    });
    expect((await server.call("PUT", "/lab/api/workspaces/other", workspace)).status).toBe(400);
    expect((await server.call("DELETE", "/lab/api/workspaces/default")).status).toBe(204);
    expect((await server.call("DELETE", "/lab/api/workspaces/default")).status).toBe(404);
  });

  it("takes any name for a workspace and stays in its folder", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 30, unit: "binary" }), async (name) => {
        const reply = await server.call("PUT", `/lab/api/workspaces/${encodeURIComponent(name)}`, {
          data: {},
          metadata: { id: name },
        });
        expect(reply.status).toBeLessThan(500);
        if (reply.status !== 204) return;
        expect((await server.call("GET", `/lab/api/workspaces/${encodeURIComponent(name)}`)).json()).toMatchObject({
          metadata: { id: name },
        });
      }),
      { numRuns: 100 },
    );
    expect(readdirSync(folder).sort()).toEqual(["data", "page"]);
    expect(readdirSync(data).sort()).toEqual(
      ["config", "settings", "workspaces"].filter((each) => readdirSync(data).includes(each)),
    );
  });

  it("changes a section of the config in parts, and takes what is null away", async () => {
    expect((await server.call("GET", "/api/config/notebook")).json()).toEqual({});
    await server.call("PUT", "/api/config/notebook", { a: { b: 1, c: 2 }, d: 3 });
    expect((await server.call("PATCH", "/api/config/notebook", { a: { b: 5, c: null }, e: [1] })).json()).toEqual({
      a: { b: 5 },
      d: 3,
      e: [1],
    });
    expect((await server.call("GET", "/api/config/notebook")).json()).toEqual({ a: { b: 5 }, d: 3, e: [1] });
    expect((await server.call("GET", "/api/config/no%20section")).status).toBe(404);
    const polluted = await server.call("PATCH", "/api/config/notebook", '{"__proto__": {"x": 1}}');
    expect(polluted.status).toBe(200);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe("the page's files", () => {
  it("are those that were built, for everyone, and no others", async () => {
    const file = await server.raw("GET", "/static/main.0123abcd4567ef89.js");
    expect([file.status, file.text, file.headers["cache-control"]]).toEqual([
      200,
      "export {};",
      "public, max-age=31536000, immutable",
    ]);
    expect((await server.raw("GET", "/static/plain.js")).headers["cache-control"]).toBe("no-cache");
    for (const path of [
      "/static/../secret.txt",
      "/static/%2e%2e/secret.txt",
      "/static/..%2fsecret.txt",
      "/static/",
      "/static/none.js",
    ])
      expect((await server.raw("GET", path)).status, path).toBe(404);
  });

  it("come packed to who takes gzip", async () => {
    const get = (encoding: string): Promise<string | undefined> =>
      server
        .raw("GET", "/static/plain.js", { headers: { "accept-encoding": encoding } })
        .then(({ headers }) => headers["content-encoding"]);
    expect(await Promise.all(["gzip", "br, gzip;q=0.5", "identity", "gzip;q=0", "", "xgzip"].map(get))).toEqual([
      "gzip",
      "gzip",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("the pages", () => {
  const config = async (path: string): Promise<Record<string, unknown>> => {
    const { text } = await server.call("GET", path);
    return JSON.parse(
      /<script id="jupyter-config-data" type="application\/json">(.*?)<\/script>/u.exec(text)?.[1] ?? "null",
    ) as Record<string, unknown>;
  };

  it("know which view of which document they are", async () => {
    expect(await config("/tree/a%20b")).toMatchObject({ notebookPage: "tree", treePath: "a b" });
    expect(await config("/notebooks/a/b.ipynb")).toMatchObject({ notebookPage: "notebooks", treePath: "" });
    expect(await config("/edit/a.ts")).toMatchObject({ notebookPage: "edit" });
    expect(await config("/lab/tree/a/b.ipynb")).toMatchObject({ treePath: "a/b.ipynb", workspace: "default" });
    expect(await config("/lab/workspaces/mine/tree/x")).toMatchObject({ treePath: "x", workspace: "mine" });
  });

  it("lead on to where a path belongs", async () => {
    const location = async (path: string): Promise<unknown> => (await server.call("GET", path)).headers.location;
    expect(await location("/")).toBe("/tree/notebooks");
    expect(await location("/tree/a%20b/c.ipynb")).toBe("/notebooks/a%20b/c.ipynb");
    expect(await location("/tree/c.ts")).toBe("/edit/c.ts");
    expect(await location("/notebooks/folder")).toBe("/tree/folder");
  });

  it("hold no script of their own, and no name can end the configuration's element", async () => {
    const path = `/notebooks/${encodeURIComponent("<script>alert(1)</script><!--.ipynb".replace("/", "\u2215"))}`;
    const { text } = await server.call("GET", path);
    expect(text).not.toContain("<script>alert");
    expect(text).not.toMatch(/<script(?![^>]*(?:src=|type="application\/json"))/u);
    expect((await config("/tree"))["serverRoot"]).toBe("<root>");
  });
});
