import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { kernelArgv } from "../argv.ts";
import { install } from "../install.ts";
import { pythonWith } from "../run/test/python.ts";
import { requiredNodeFlags } from "../session/modules.ts";

const folder = mkdtempSync(join(tmpdir(), "veelab-install-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs with some environment variables set otherwise. */
async function within<T>(variables: Readonly<Record<string, string | undefined>>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  try {
    return await work();
  } finally {
    process.env = before;
  }
}

describe("veelab install", () => {
  it("writes a kernelspec by which Jupyter starts and interrupts the kernel", async () => {
    const prefix = join(folder, "prefix");
    expect(await install(["--prefix", prefix])).toBe(0);
    const spec: unknown = JSON.parse(readFileSync(join(prefix, "share/jupyter/kernels/veelab/kernel.json"), "utf8"));
    expect(spec).toEqual({
      argv: kernelArgv("{connection_file}"),
      display_name: "TypeScript (veelab)",
      language: "typescript",
      interrupt_mode: "message",
      metadata: { debugger: true },
    });
  });

  it("takes a name, and writes over what is there", async () => {
    const args = ["--prefix", join(folder, "named"), "--name", "veelab-2", "--display-name", "Mine"];
    await install(args);
    writeFileSync(join(folder, "named/share/jupyter/kernels/veelab-2/kernel.json"), "broken");
    await install(args);
    expect(readFileSync(join(folder, "named/share/jupyter/kernels/veelab-2/kernel.json"), "utf8")).toContain('"Mine"');
  });

  it("installs for the user by default, and for an active environment", async () => {
    const data = join(folder, "data");
    await within({ JUPYTER_DATA_DIR: data }, () => install([]));
    expect(existsSync(join(data, "kernels/veelab/kernel.json"))).toBe(true);
    await within({ VIRTUAL_ENV: folder, CONDA_PREFIX: undefined }, () => install(["--sys-prefix"]));
    expect(existsSync(join(folder, "share/jupyter/kernels/veelab/kernel.json"))).toBe(true);
  });

  it("says in one sentence what cannot be", async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const error: unknown = await install(args).catch((cause: unknown) => cause);
      return error instanceof Error ? `${error.name}: ${error.message}` : "done";
    };
    expect(await refused("--name", "a/b")).toBe(
      'InputError: --name: expected letters, digits, "-", "." and "_", got "a/b"',
    );
    expect(await refused("--name", "..")).toMatch(/^InputError: --name/);
    expect(await refused("--user", "--prefix", folder)).toMatch(
      /expected one of --user, --sys-prefix and --prefix, got several/,
    );
    expect(await refused("now")).toMatch(/expected options only, got "now"/);
    const noEnvironment = { VIRTUAL_ENV: undefined, CONDA_PREFIX: undefined };
    expect(await within(noEnvironment, () => refused("--sys-prefix"))).toMatch(/expected an active Python environment/);
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    expect(await refused("--prefix", file)).toMatch(/^InputError: veelab install: .* cannot be written/);
  });

  const python = pythonWith("jupyter_client");
  it.skipIf(python === undefined)("is found by Jupyter's own client", async () => {
    const data = join(folder, "for-jupyter");
    await within({ JUPYTER_DATA_DIR: data }, () => install([]));
    const script =
      "from jupyter_client.kernelspec import KernelSpecManager as M; s = M().get_kernel_spec('veelab'); print(s.display_name, s.interrupt_mode, s.language)";
    const { stdout } = spawnSync(python!, ["-c", script], {
      encoding: "utf8",
      env: { ...process.env, JUPYTER_DATA_DIR: data },
    });
    expect(stdout.trim()).toBe("TypeScript (veelab) message typescript");
  });
});

describe("the kernel's command", () => {
  it("has the flags that local modules and interrupts need", () => {
    const argv = kernelArgv("file.json");
    expect(argv).toEqual(expect.arrayContaining([...requiredNodeFlags, "--no-force-async-hooks-checks"]));
    expect(argv.at(-1)).toBe("file.json");
  });
});
