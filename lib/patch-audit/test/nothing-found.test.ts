import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { auditImage } from "../command.ts";

describe("an image with nothing of the database", () => {
  it("proves nothing: the command says so, and fails when asked to", async () => {
    const folder = await mkdtemp(join(tmpdir(), "veelab-"));
    const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      const image = join(folder, "zeros.raw");
      await writeFile(image, new Uint8Array(64 * 4096));
      const args = ["--as", "raw-memory", image];
      expect(await auditImage(args)).toBe(0);
      expect(out.mock.calls.map(([text]) => String(text)).join("")).toContain("nothing can be concluded");
      expect(await auditImage(["--fail", ...args])).toBe(3);
    } finally {
      out.mockRestore();
      await rm(folder, { recursive: true });
    }
  });
});
