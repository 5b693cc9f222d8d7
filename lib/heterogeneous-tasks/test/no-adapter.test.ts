import { expect, it } from "vitest";
import { webGpu } from "../index.ts";

it("one sentence where there is no adapter", async () => {
  // A test file is a process: drivers are looked for once.
  process.env["VK_ICD_FILENAMES"] = "/nowhere.json";
  await expect(webGpu()).rejects.toThrow(
    "webgpu: expected an adapter, got none: no driver of Vulkan, Metal or Direct3D 12 is here",
  );
});
