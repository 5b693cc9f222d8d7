// Takes docs/veelab.png, the README's picture: node docs/picture.mjs, after npm start has built what it shows. Needs Chromium.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { chromium } from "playwright-core";

import { startServer } from "../dist/kernel/server/server.js";

const code = `import { bars } from "veelab";
import { dsp, publishedBars, publishedPrograms, simulate, synthesise, wang2011 } from "veelab/selective-paging";

const fig7 = (await publishedBars()).filter(({ figure }) => figure === 7);
const published = new Map(fig7.map(({ benchmark, dspPct }) => [benchmark, dspPct]));
const programs = (await publishedPrograms()).filter(({ figure }) => figure === 7);
const rows = programs.map((program) => {
  const costs = { ...wang2011, toShadowMs: program.toShadowMs };
  const { row } = simulate(synthesise(program, wang2011), { policy: dsp(), costs });
  const model = (100 * row.policyS) / row.hapS;
  return { benchmark: program.benchmark, model: model - 100, paper: published.get(program.benchmark)! - 100 };
});
bars(rows, {
  title: "SPEC INT, 32 bit: run time under dynamic switching",
  x: { field: "benchmark", title: "benchmark" },
  y: { title: "run time against HAP", unit: "%" },
  ...{ reproduced: "model", published: "paper", tolerance: 1.5 },
  ...{ width: 640, height: 190 },
})`;
const text = `### Figure 7 of Wang et al., VEE 2011`;

const cell = (cell_type, id, source) => ({ cell_type, id, source, metadata: {} });
const notebook = {
  cells: [cell("markdown", "text", text), { ...cell("code", "figure", code), execution_count: null, outputs: [] }],
  metadata: { kernelspec: { name: "veelab", display_name: "TypeScript (veelab)", language: "typescript" } },
  ...{ nbformat: 4, nbformat_minor: 5 },
};

/** The same picture, a sixth smaller: rows of text deflate better without PNG's filters, which Chromium uses. */
async function unfiltered(png, page) {
  const { width, height, rgb } = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let text = "";
    for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at], data[at + 1], data[at + 2]);
    return { width: image.width, height: image.height, rgb: btoa(text) };
  }, png.toString("base64"));
  const pixels = Buffer.from(rgb, "base64");
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.from([0]), pixels.subarray(3 * width * y, 3 * width * (y + 1))]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits a channel, RGB
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = [Buffer.alloc(4), Buffer.alloc(4)];
    ends[0].writeUInt32BE(data.length);
    ends[1].writeUInt32BE(crc32(body));
    return Buffer.concat([ends[0], body, ends[1]]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const image = deflateSync(Buffer.concat(rows), { level: 9, memLevel: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", image), chunk("IEND", Buffer.alloc(0))]);
}

const root = await mkdtemp(join(tmpdir(), "veelab-picture-"));
await writeFile(join(root, "Figure 7.ipynb"), JSON.stringify(notebook));
const server = await startServer({ root, exposeAppInBrowser: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--font-render-hinting=none"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 880 }, deviceScaleFactor: 2 });
  await page.goto(`http://127.0.0.1:${server.port}/notebooks/Figure%207.ipynb?token=${server.token}`);
  await page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").waitFor({ timeout: 60_000 });
  await page.evaluate('window.jupyterapp.commands.execute("notebook:run-all-cells")');
  await page.locator("canvas.marks").waitFor({ timeout: 60_000 });
  await page.keyboard.press("Control+s");
  await page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").waitFor();
  await page.locator(".jp-WindowedPanel-outer").evaluate("(outer) => outer.scrollTo(0, 0)");
  await page.evaluate("document.activeElement.blur()");
  const shot = await page.screenshot();
  await writeFile(new URL("veelab.png", import.meta.url), await unfiltered(shot, await browser.newPage()));
} finally {
  await browser.close();
  await server.close();
  await rm(root, { recursive: true });
}
