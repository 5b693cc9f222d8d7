import { afterAll, describe, expect, it } from "vitest";
import { createLanguageService, type LanguageParts } from "../language-service.ts";
import type { TypeProblem } from "../link.ts";
import { testFolder } from "./folder.ts";

const folder = testFolder();
afterAll(() => {
  folder.remove();
});

interface Opened {
  readonly service: ReturnType<typeof createLanguageService>;
  readonly logged: string[];
  /** Resolves with a cell's problems when they come by themselves. */
  readonly next: (cell: number) => Promise<readonly TypeProblem[]>;
}

function open(more: Partial<LanguageParts> = {}): Opened {
  const logged: string[] = [];
  const waiting = new Map<number, (problems: readonly TypeProblem[]) => void>();
  const service = createLanguageService({
    directory: folder.path,
    log: (line) => logged.push(line),
    problems: (cell, problems) => waiting.get(cell)?.(problems),
    ...more,
  });
  return { service, logged, next: (cell) => new Promise((resolve) => waiting.set(cell, resolve)) };
}

const texts = async (found: ReturnType<Opened["service"]["complete"]>): Promise<string[]> =>
  (await found).items.map(({ text }) => text);

describe("the language service on its thread", { timeout: 120_000 }, () => {
  const { service, next } = open();

  it("counts places in code points", async () => {
    expect(await service.complete("'😀😀'; console.lo", 16)).toMatchObject({
      start: 14,
      end: 16,
      items: [{ text: "log" }],
    });
    expect((await service.inspect("'😀'; parseInt", 13, 0))?.plain).toContain("function parseInt(string: string");
  });

  it("knows the cells that were announced", async () => {
    service.ran({ cell: 1, shown: "[1]", code: "const table = [{ page: 1 }];\nconst wrong: string = table;" });
    expect(await texts(service.complete("table[0].", 9))).toEqual(["page"]);
    expect((await service.check(1))?.map(({ line, code }) => [line, code])).toEqual([[2, 2322]]);
    service.ran({ cell: 2, shown: "[2]", code: "let = ;" });
    service.refused(2);
    expect(await texts(service.complete("tabl", 4))).toEqual(["table"]);
  });

  it("checks in its own time, and tells when a later cell changes what it found", async () => {
    service.ran({ cell: 3, shown: "[3]", code: "const later = () => missing;" });
    let told = next(3);
    service.checkLater(3);
    expect((await told).map(({ message }) => message)).toEqual(["Cannot find name 'missing'."]);
    told = next(3);
    service.ran({ cell: 4, shown: "[4]", code: "const missing = 1;" });
    expect(await told).toEqual([]);
  });

  it("lets a check go that is given up", async () => {
    service.ran({ cell: 5, shown: "[5]", code: "const given: string = 1;" });
    const found = service.check(5);
    service.giveUp();
    expect(await found).toBeUndefined();
  });

  it("answers only the latest of the completions that wait", async () => {
    // The thread is at it while they come.
    const slow = service.inspect("a;".repeat(50_000), 1, 0);
    const found = await Promise.all(
      ["M", "Ma", "Mat", "Math.ma"].map((code) => texts(service.complete(code, code.length))),
    );
    await slow;
    expect(found.at(-1)).toEqual(["max"]);
    expect(found[1]).toEqual([]);
  });
});

describe("a thread of the language service that ends", { timeout: 120_000 }, () => {
  it("leaves its questions with the empty answer; the next one finds another that knows the same cells", async () => {
    const { service, logged } = open({ memoryMb: 200 });
    service.ran({ cell: 1, shown: "[1]", code: "const table = [{ page: 1 }];" });
    expect(await texts(service.complete("table[0].", 9))).toEqual(["page"]);
    const huge = "a;".repeat(2_500_000);
    const [completion, inspection, problems] = await Promise.all([
      service.complete(huge, 1),
      service.inspect(huge, 1, 0),
      service.check(1),
    ]);
    expect([completion.items, inspection, problems]).toEqual([[], undefined, undefined]);
    expect(logged.join("\n")).toMatch(/^the language service ended: .*memory/);
    expect(await texts(service.complete("table[0].", 9))).toEqual(["page"]);
    service.ran({ cell: 2, shown: "[2]", code: "const wrong: string = table;" });
    expect((await service.check(2))?.map(({ code }) => code)).toEqual([2322]);
  });

  it("is not started again for ever", async () => {
    const { service, logged } = open({ memoryMb: 8 });
    for (let i = 0; i < 8; i++) expect((await service.complete("con", 3)).items).toEqual([]);
    expect(logged).toHaveLength(6);
  });
});
