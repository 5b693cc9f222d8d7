import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serveKernels, type LiveKernels } from "./live-kernels.ts";
import type { Page, PageMessage } from "./page.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

describe("a cell asks", () => {
  let server: LiveKernels;
  let page: Page;
  beforeAll(async () => {
    server = await serveKernels();
    page = await server.page(await server.start());
  });
  afterAll(async () => {
    await page.close();
    await server.close();
  });

  const question = (id: string, prompt: string): Promise<PageMessage> =>
    page.wait(
      ({ channel, parent_header: parent, content }) =>
        channel === "stdin" && parent.msg_id === id && content["prompt"] === prompt,
    );
  const answer = (value: unknown, to: object = {}): void => {
    page.send("input_reply", { status: "ok", value } as never, "stdin", to as never);
  };
  const begin = (code: string): string => page.begin(code, { allow_stdin: true });

  it("after what it has printed, and goes on with the answer", async () => {
    const id = begin("console.log('first'); const name = await input('Name? '); console.log(`Hello, ${name}`)");
    const asked = await question(id, "Name? ");
    expect(asked.content).toEqual({ prompt: "Name? ", password: false });
    const printed = page.messages.findIndex(
      (each) => each.header.msg_type === "stream" && each.content["text"] === "first\n",
    );
    expect(printed).toBeGreaterThan(-1);
    answer("Ada 😀", asked.header);
    expect((await page.outcome(id)).text).toBe("first\nHello, Ada 😀\n");
  });

  it("for a password, and of a client that does not say which question it answers", async () => {
    const id = begin("(await password('Key')).length");
    expect((await question(id, "Key")).content["password"]).toBe(true);
    answer("secret");
    const { output } = await page.outcome(id);
    expect(output.find(({ header }) => header.msg_type === "execute_result")?.content["data"]).toEqual({
      "text/plain": "6",
    });
  });

  it("one question at a time, in their order", async () => {
    const id = begin("await Promise.all([input('a'), input('b'), input('c')])");
    for (const prompt of ["a", "b", "c"]) {
      const asked = await question(id, prompt);
      expect(page.messages.filter((each) => each.channel === "stdin" && each.parent_header.msg_id === id)).toHaveLength(
        "abc".indexOf(prompt) + 1,
      );
      answer(prompt.toUpperCase(), asked.header);
    }
    const { output } = await page.outcome(id);
    expect(JSON.stringify(output.map(({ content }) => content["data"]))).toContain("[ 'A', 'B', 'C' ]");
  });

  it("while a cell of another shell asks, and each gets its own answer", async () => {
    const { reply } = await page.outcome(page.send("create_subshell_request", {}, "control"));
    const subshell = { subshell_id: reply["subshell_id"] };
    const result = async (id: string): Promise<unknown> =>
      (await page.outcome(id)).output.find(({ header }) => header.msg_type === "execute_result")?.content["data"];
    const first = begin("`own: ${await input('own')}`");
    const asked = await question(first, "own");
    for (const code of ["`subshell: ${await input('beside')}`", "`subshell: ${prompt('beside')}`"]) {
      const second = page.send("execute_request", { code, allow_stdin: true }, "shell", {}, subshell);
      answer("b", (await question(second, "beside")).header);
      expect(await result(second)).toEqual({ "text/plain": "'subshell: b'" });
    }
    answer("a", asked.header);
    expect(await result(first)).toEqual({ "text/plain": "'own: a'" });
  });

  it("without an await, beside a question that waits; an empty answer is the initial one", async () => {
    const id = begin(
      "const slow = input('slow'); const word = prompt('Word', 'none'); [word, prompt().length, await slow]",
    );
    answer("one", (await question(id, "slow")).header);
    answer("", (await question(id, "Word [none]")).header);
    answer("x".repeat(3 << 20), (await question(id, "")).header);
    const { output } = await page.outcome(id);
    expect(JSON.stringify(output.map(({ content }) => content["data"]))).toContain("[ 'none', 1048576, 'one' ]");
  });

  it("and is interrupted: an answer that comes late reaches no other cell", async () => {
    for (const [code, without] of [
      ["await input('lost')", "mine"],
      ["prompt('lost')", 7],
    ] as const) {
      const id = begin(code);
      const lost = await question(id, "lost");
      page.send("interrupt_request", {}, "control");
      expect((await page.outcome(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" });
      const next = begin("console.log(await input('next'))");
      const asked = await question(next, "next");
      answer("late", lost.header);
      // What is no text counts as none.
      answer(without, asked.header);
      expect((await page.outcome(next)).text).toBe(without === 7 ? "\n" : "mine\n");
    }
  });

  it("and is told at once where nobody may be asked, or that it has ended", async () => {
    for (const code of ["await input('x')", "await password('x')", "prompt('x')"]) {
      const { reply } = await page.execute(code);
      expect(reply).toMatchObject({ status: "error", ename: "StdinNotImplementedError" });
      expect(reply["evalue"]).toMatch(/nobody is there to answer/u);
    }
    const id = begin("setTimeout(() => input('late').catch(({ message }) => console.log(message)), 50); 0");
    await page.outcome(id);
    await page.wait(({ content }) => content["text"] === "input: the cell that asks has ended\n");
    expect((await page.outcome(begin("await input(7 as never)"))).reply).toMatchObject({
      evalue: "input: prompt: expected a text, got number",
    });
    expect((await page.outcome(begin("prompt('n', 5 as never)"))).reply).toMatchObject({
      evalue: "prompt: initial: expected a text, got number",
    });
    const forgotten = begin("const answer = input('forgotten'); 0");
    await page.outcome(forgotten);
    await page.wait(
      ({ content }) => (content["text"] as string | undefined)?.includes("the cell ended before the answer") === true,
    );
  });

  it("with names that a cell may take", async () => {
    expect(
      (await page.execute("const input = 1, password = 2; let prompt = 3; input + password + prompt")).reply,
    ).toMatchObject({ status: "ok" });
  });
});
