import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { createDisplay } from "../display/display.ts";
import type { DisplayPublisher, MimeBundle, PublishOptions } from "../display/publisher.ts";
import { createTslab } from "../tslab.ts";

interface Published extends PublishOptions {
  readonly bundle: MimeBundle;
}

function recorder(): { published: Published[]; publisher: DisplayPublisher } {
  const published: Published[] = [];
  return { published, publisher: { publish: (bundle, options) => published.push({ bundle, ...options }) } };
}

/** The real package's declarations: the names that it exports, and the members of its interfaces. */
function declared(): { exports: string[]; members: Record<string, string[]> } {
  const file = join(createRequire(import.meta.url).resolve("tslab/package.json"), "../dist/public.d.ts");
  const { program } = parseSync("public.d.ts", readFileSync(file, "utf8"), { lang: "dts" });
  const exports: string[] = [];
  const members: Record<string, string[]> = {};
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type === "TSInterfaceDeclaration") {
      members[declaration.id.name] = declaration.body.body.flatMap((member) =>
        (member.type === "TSMethodSignature" || member.type === "TSPropertySignature") &&
        member.key.type === "Identifier"
          ? member.key.name
          : [],
      );
    } else if (declaration?.type === "VariableDeclaration") {
      exports.push(...declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? id.name : [])));
    } else if (declaration?.type === "TSDeclareFunction" && declaration.id !== null) {
      exports.push(declaration.id.name);
    }
  }
  return { exports, members };
}

describe("tslab's module", () => {
  it("exports what the real package declares", () => {
    const { exports, members } = declared();
    const tslab = createTslab(recorder().publisher, { directory: "/" });
    expect(exports.length).toBeGreaterThanOrEqual(3);
    expect(Object.keys(tslab).sort()).toEqual(exports.sort());
    expect(Object.keys(tslab.versions).sort()).toEqual(members["Versions"]!.sort());
    for (const display of [tslab.display, tslab.newDisplay()]) {
      expect(Object.keys(display).sort()).toEqual(members["Display"]!.sort());
      expect(Object.values(display).every((method) => typeof method === "function")).toBe(true);
    }
    const { version } = createRequire(import.meta.url)("tslab/package.json") as { version: string };
    expect(tslab.versions.tslab).toBe(version);
  });

  it("publishes each form under its MIME type", () => {
    const { published, publisher } = recorder();
    const { display } = createTslab(publisher, { directory: "/" });
    display.html("<b>");
    display.markdown("*m*");
    display.latex("$x$");
    display.svg("<svg/>");
    display.javascript("1");
    display.text("t");
    display.png(Uint8Array.of(1));
    display.jpeg(Buffer.from([2]));
    display.gif(new Uint8Array([0, 3, 0]).subarray(1, 2));
    display.pdf(Uint8Array.of(4));
    display.raw("application/x", "raw");
    display.raw("image/x", Uint8Array.of(5));
    expect(published.map(({ bundle }) => bundle)).toEqual([
      { "text/html": "<b>" },
      { "text/markdown": "*m*" },
      { "text/latex": "$x$" },
      { "image/svg+xml": "<svg/>" },
      { "text/javascript": "1" },
      { "text/plain": "t" },
      { "image/png": "AQ==" },
      { "image/jpeg": "Ag==" },
      { "image/gif": "Aw==" },
      { "application/pdf": "BA==" },
      { "application/x": "raw" },
      { "image/x": "BQ==" },
    ]);
    expect(published.every(({ transient, update }) => transient === undefined && update !== true)).toBe(true);
  });

  it("newDisplay overwrites its own output", () => {
    const { published, publisher } = recorder();
    const tslab = createTslab(publisher, { directory: "/" });
    const [first, second] = [tslab.newDisplay(), tslab.newDisplay()];
    first.text("1");
    first.text("2");
    second.text("3");
    expect(published.map(({ update }) => update)).toEqual([false, true, false]);
    const ids = published.map(({ transient }) => transient?.display_id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[0]).toMatch(/./);
  });
});

it("display shows any value as a result is shown, at once where it can", async () => {
  const { published, publisher } = recorder();
  const display = createDisplay(publisher, { directory: "/" });
  const shown = display([1, 2]);
  expect(published).toEqual([{ bundle: { "text/plain": "[ 1, 2 ]" }, metadata: {} }]);
  await shown;
  await display(undefined);
  expect(published[1]?.bundle).toEqual({ "text/plain": "undefined" });
});
