import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/temporary.ts";
import { findAccelerator } from "../accelerator.ts";

describe("a guest that cannot boot", () => {
  const folder = temporaryFolder();
  const cache = process.env["XDG_CACHE_HOME"];
  beforeEach(() => {
    process.env["XDG_CACHE_HOME"] = folder.path(".");
  });
  afterEach(() => {
    if (cache === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = cache;
  });
  // QEMU ends at once: this is no kernel, with KVM or without.
  const image = () => ({ kernel: folder.write("kernel", "no kernel"), versions: [] });
  const find = (asked: "kvm" | "tcg" | "auto") => findAccelerator(asked, image(), undefined, () => undefined);
  it("is refused with KVM in one sentence, and has QEMU's translator otherwise", async () => {
    await expect(find("kvm")).rejects.toThrow(
      /^accelerator: expected tcg or auto, as (no guest boots with KVM in 15 s on this machine|\/dev\/kvm cannot be opened), got "kvm"$/,
    );
    expect(await find("tcg")).toBe("tcg");
    expect(await find("auto")).toBe("tcg");
  });
});
