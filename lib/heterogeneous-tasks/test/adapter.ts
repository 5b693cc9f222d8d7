import { existsSync } from "node:fs";
import { type Device, webGpu } from "../index.ts";

/** SwiftShader, a Vulkan driver for processors, as Debian's chromium package brings it. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** A WebGPU device on SwiftShader, or on the driver that `VK_ICD_FILENAMES` names. Absent, tests skip; with `VEELAB_REQUIRE_TOOLS=1` that is an error. */
export async function adapter(): Promise<Device | undefined> {
  if (existsSync(SWIFTSHADER)) process.env["VK_ICD_FILENAMES"] ??= SWIFTSHADER;
  try {
    return await webGpu();
  } catch (error) {
    if (process.env["VEELAB_REQUIRE_TOOLS"] === "1") throw error;
    console.warn(`skipped: ${String(error)} (Debian: chromium has SwiftShader)`);
    return undefined;
  }
}
