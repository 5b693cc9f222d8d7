import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { tool } from "../../test/tool.ts";
import { changesBetween } from "../report/changes.ts";
import { readComparison, type Comparison } from "../report/comparison.ts";
import type { NotebookRun } from "../report/paper.ts";
import { reportPage } from "../report/report-page.ts";

const long = "a sentence that is long enough to make a column wide, which then has to scroll by itself on a phone";
const comparison = (paper: string, off: number): Comparison =>
  readComparison({
    ...{ paper, title: `Table <1> of ${paper}` },
    rows: [
      ["agrees", 10, 10.5],
      ["differs", 10, 10 + off],
      ["calibration", 10, 10],
      ["not published", null, 3],
    ].map(([verdict, published, reproduced]) => ({
      ...{
        quantity: `${String(verdict)} quantity`,
        unit: "ms",
        published: published!,
        reproduced: reproduced!,
        verdict: verdict!,
      },
      ...{
        source: long,
        relation: "equal",
        tolerance: 1,
        reason: long,
        analytic: 7,
        role: verdict === "calibration" ? "calibration" : "evidence",
      },
      difference: published === null ? null : Number(reproduced) - Number(published),
    })),
  });
const run = (name: string, off: number, more: Partial<NotebookRun> = {}): NotebookRun => ({
  ...{
    name,
    title: `The paper ${name}`,
    comparisons: [comparison(name, off)],
    failure: undefined,
    page: true,
    kept: false,
    seconds: 65,
  },
  about: {
    citation: "A. One: *A title.* VEE 2011, [doi:10.1/2](https://doi.org/10.1/2).",
    result: "half of *it* agrees",
  },
  ...more,
});
const hash = `sha256:${"0123456789abcdef".repeat(4)}`;
const environment = [["Node", "20.19.0"] as const, ["package-lock.json", hash] as const];
const datasets = ["published/a", "guest/b"].map((name, at) => ({
  ...{ name, title: long, source: long, licence: "Apache-2.0", bytes: 1234, hash, asRecorded: at === 0 },
}));
const recorded = (off: number, node: string) => ({
  ...{ made: "2026-01-02T03:04:05.678Z", environment: [["Node", node] as const], datasets },
  comparisons: [comparison("one", off), comparison("two", off)],
});

let folder: string;
let browser: Browser;
let address: string;

const hasChromium = tool("chromium", ["--version"]);

beforeAll(async () => {
  if (!hasChromium) return;
  folder = await mkdtemp(join(tmpdir(), "veelab-report-page-"));
  const runs = [
    run("one", 5),
    run("two", -300, { kept: true }),
    run("three", 1, { failure: "cell 1 (x): threw <Error>", comparisons: [] }),
  ];
  const changes = changesBetween(recorded(0, "18"), recorded(5, "20.19.0"));
  const file = join(folder, "index.html");
  await writeFile(file, await reportPage({ made: "2026-01-02T03:04:05.678Z", runs, environment, datasets, changes }));
  address = pathToFileURL(file).href;
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
  ];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
}, 60_000);

afterAll(async () => {
  if (!hasChromium) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Opens the report; the list holds what it asked for and complained of. */
async function opened(width: number, colorScheme: "light" | "dark" = "light"): Promise<{ page: Page; said: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const said: string[] = [];
  page.on("request", (request) => said.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(address);
  return { page, said };
}

/** Texts whose contrast with what is behind them is below WCAG 2's 4.5 to 1, with the contrast: an expression for the page. */
const PALE = `(() => {
  const channels = (color) => (color.match(/[\\d.]+/gu) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (element === null) return "rgb(255, 255, 255)";
    const { backgroundColor } = getComputedStyle(element);
    const [, , , alpha = 1] = channels(backgroundColor);
    if (alpha !== 0 && alpha !== 1) throw new Error("half-transparent behind a text: " + backgroundColor);
    return alpha === 1 ? backgroundColor : behind(element.parentElement);
  };
  const found = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === "") continue;
    texts += 1;
    const style = getComputedStyle(element);
    const own = element.closest("svg") === null ? style.color : style.fill;
    const [a, b] = [luminance(own), luminance(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(ratio.toFixed(2) + " " + node.textContent.slice(0, 40));
  }
  return texts < 100 ? ["only " + texts + " texts"] : found;
})()`;

describe.skipIf(!hasChromium)("the report's page", () => {
  it.each(["light", "dark"] as const)(
    "asks for nothing but itself, and its texts are readable, %s",
    async (scheme) => {
      const { page, said } = await opened(1280, scheme);
      expect(said).toEqual([address]);
      expect(await page.evaluate(PALE)).toEqual([]);
      const back = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(back === "rgb(255, 255, 255)").toBe(scheme === "light");
      await page.close();
    },
    30_000,
  );

  it.each([390, 1280])(
    "is no wider than a window of %i pixels: its tables scroll by themselves, by keys too",
    async (width) => {
      const { page } = await opened(width);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const wide = 'document.querySelector(".scroll:has(table.rows)")';
      const scrolls = await page.evaluate(`${wide}.scrollWidth > ${wide}.clientWidth`);
      expect(scrolls).toBe(width === 390);
      if (scrolls === true) {
        await page.evaluate(`${wide}.focus()`);
        await page.keyboard.press("ArrowRight");
        await expect.poll(() => page.evaluate(`${wide}.scrollLeft`), { timeout: 10_000 }).toBeGreaterThan(0);
      }
      await page.close();
    },
    30_000,
  );

  it("is read by its structure: landmarks, headings, tables with captions and headers, charts with texts", async () => {
    const { page } = await opened(1280);
    for (const role of ["banner", "main", "navigation"] as const) expect(await page.getByRole(role).count()).toBe(1);
    const levels = await page.evaluate<number[]>(
      '[...document.querySelectorAll("h1, h2, h3, h4")].map(({ tagName }) => Number(tagName[1]))',
    );
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, at) => {
      expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
    const faults = await page.evaluate(`[...document.querySelectorAll("table")]
      .filter((table) => !table.caption?.textContent || !table.tHead || [...table.querySelectorAll("th")].some(({ scope }) => scope === ""))
      .map((table) => table.outerHTML.slice(0, 200))`);
    expect(faults).toEqual([]);
    const charts = page.getByRole("img");
    expect(await charts.count()).toBe(2);
    expect(await charts.first().getAttribute("aria-label")).toContain(
      "one 1 agrees, 1 differs, 1 not published, 1 calibration",
    );
    expect(await charts.last().getAttribute("aria-label")).toContain(
      "2 of 4 tested numbers are within their tolerance",
    );
    // Every link into the page has its target.
    const lost = await page.evaluate(
      `[...document.querySelectorAll('a[href^="#"]')].map(({ hash }) => hash).filter((hash) => document.getElementById(decodeURIComponent(hash.slice(1))) === null)`,
    );
    expect(lost).toEqual([]);
    await page.close();
  }, 30_000);

  it("begins, for the keyboard, with a link past its contents, and shows where the focus is", async () => {
    const { page } = await opened(1280);
    await page.keyboard.press("Tab");
    const skip = page.locator(".skip");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0);
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    await page.keyboard.press("Enter");
    await page.waitForURL(({ hash }) => hash === "#verdicts");
    await page.close();
  }, 30_000);

  it("prints on A4 with nothing cut off, light also where the screen is dark", async () => {
    const { page } = await opened(1280, "dark");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    // 210 mm less the margins.
    await page.setViewportSize({ width: 703, height: 1000 });
    const cut = await page.evaluate(
      '[...document.querySelectorAll("table, svg, p, pre")].filter((part) => part.getBoundingClientRect().right > 703.5).length',
    );
    expect(cut).toBe(0);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    const breaks = await page.evaluate('getComputedStyle(document.querySelector("tr")).breakInside');
    expect(breaks).toBe("avoid");
    const pdf = await page.pdf({ preferCSSPageSize: true, format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    await page.close();
  }, 30_000);
});

describe("the report's first sentence", () => {
  const firstSentence = async (runs: readonly NotebookRun[]): Promise<string> => {
    const changes = changesBetween(recorded(0, "20"), recorded(0, "20"));
    const html = await reportPage({ made: "2026-01-02T03:04:05.678Z", runs, environment, datasets, changes });
    return /Of \d+ published numbers.*/u.exec(html)?.[0] ?? "";
  };
  const untested = (name: string): NotebookRun => {
    const of = comparison(name, 0);
    return run(name, 0, { comparisons: [{ ...of, rows: of.rows.filter(({ published }) => published === null) }] });
  };

  it("says where most numbers are one paper's, and where there is nothing to test", async () => {
    expect(await firstSentence([run("one", 5), untested("two")])).toContain(
      "2 of those that can be tested are one paper's (<em>The paper one</em>). Of 1 paper no published number can be tested.",
    );
    const even = await firstSentence([run("one", 5), run("two", 5)]);
    expect(even).toContain("Of 4 published numbers that can be tested");
    expect(even).not.toContain("one paper's");
    expect(even).not.toContain("no published number can be tested");
  });
});
