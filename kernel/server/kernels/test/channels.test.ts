import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { serveKernels, type LiveKernels } from "./live-kernels.ts";

let server: LiveKernels;
beforeAll(async () => {
  server = await serveKernels();
});
afterAll(() => server.close());

describe.each([
  ["the subprotocol v1", undefined],
  ["the default subprotocol", []],
])("a websocket with %s", (_name, protocols) => {
  it("executes cells, whose first output is not lost", async () => {
    const page = await server.page(await server.start(), protocols === undefined ? {} : { protocols });
    const { reply, text } = await page.execute("console.log('first'); 1 + 1");
    expect(text).toBe("first\n");
    expect(reply).toMatchObject({ status: "ok", execution_count: 1 });
    await page.close();
  });
});
