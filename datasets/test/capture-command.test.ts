import { describe, expect, it } from "vitest";
import { capture } from "../capture/capture-command.ts";
import { captureNoise } from "../capture/noise/capture-noise.ts";
import { open } from "../open.ts";
import { tool } from "../../kernel/test/tool.ts";
import { numbers } from "./reading.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

describe.skipIf(!tool("cc", ["--version"], "gcc"))("noise", () => {
  it("is measured: intervals in order, longer than the threshold, their sum the time taken", async () => {
    const out = folder.path("noise.arrow.gz");
    const provenance = await captureNoise({ out, seconds: 0.5, thresholdNs: 500 });
    const table = await open(out, { schema: { startNs: "float64", durationNs: "float64" } });
    const [starts, durations] = [numbers(table, "startNs"), numbers(table, "durationNs")];
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(durations.every((duration) => duration > 500)).toBe(true);
    expect(String(durations.reduce((sum, duration) => sum + duration, 0))).toBe(provenance["takenNs"]);
    for (let row = 1; row < starts.length; row += 1)
      expect(starts[row]).toBeGreaterThanOrEqual(starts[row - 1]! + durations[row - 1]!);
  });

  it("a processor that is not there is one sentence", async () => {
    await expect(captureNoise({ out: folder.path("none.arrow"), processor: 1023 })).rejects.toThrow(
      /^processor: expected one of this machine's \d+ processors, got 1023$/,
    );
  });
});

describe("the command", () => {
  async function said(...args: string[]): Promise<[number, string, string]> {
    const texts: [out: string, err: string] = ["", ""];
    const to = (at: 0 | 1) => ({ write: (text: string) => (texts[at] += text) });
    return [await capture(args, { stdout: to(0), stderr: to(1) }), ...texts];
  }

  it.each(["guest", "lackey", "mirror", "noise", "perf", "radio", "swap"])("%s explains itself", async (what) => {
    const [status, out, err] = await said(what, "--help");
    expect([status, out.startsWith(`Usage: veelab capture ${what} `), err]).toEqual([0, true, ""]);
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(180);
  });

  it.each([
    [[], "Usage: veelab capture"],
    [
      ["disk"],
      'veelab capture: expected guest, lackey, mirror, noise, perf, radio, swap, tasks or threads, got "disk"',
    ],
    [["guest"], "veelab capture guest: expected --workload compile|sqlite|fileserver|webserver|mixed|idle, got none"],
    [["guest", "--workload", "idle"], "veelab capture guest: expected -o FOLDER, got none"],
    [["guest", "--workload", "x", "-o", "y"], "veelab capture guest: workload: expected one of compile, sqlite"],
    [["guest", "--tables", "blocks,x"], "veelab capture guest: --tables: expected some of blocks,pages"],
    [["guest", "--accel", "xen"], 'veelab capture guest: --accel: expected kvm, tcg or auto, got "xen"'],
    [["lackey", "-o", "x.arrow"], "veelab capture lackey: expected a program after --, got none"],
    [["lackey", "-o", "x.arrow", "--"], "veelab capture lackey: expected a program after --, got none"],
    [
      ["lackey", "-o", "x.arrow", "nice", "--", "ls"],
      "veelab capture lackey: expected -- before the program, got nice (see veelab capture lackey --help)\n",
    ],
    [["threads", "ls", "-o", "x.arrow"], "veelab capture threads: expected -- before the program, got ls (see"],
    [["perf", "ls", "--", "ls"], "veelab capture perf: expected -- before the program, got ls (see"],
    [["perf", "-o", "--", "ls"], "veelab capture perf: option '-o, --out <value>' argument missing (see"],
    [["perf", "--", "ls", "-o", "x.arrow"], "veelab capture perf: expected -o FILE, got none"],
    [["noise", "-o", "x.arrow", "--seconds", "ten"], 'veelab capture noise: --seconds: expected a number, got "ten"'],
    [["lackey", "-o", "x.arrow", "--", ""], "veelab capture lackey: expected a program after --, got none\n"],
    ...["lackey", "noise", "perf", "radio", "swap", "tasks", "threads"].flatMap((what): [string[], string][] => {
      const more = ["lackey", "perf", "threads"].includes(what) ? ["--", "true"] : [];
      return [
        [
          [what, "-o", "x.txt", ...more],
          `veelab capture ${what}: out: expected a file name that ends in .arrow or .arrow.gz, got "x.txt"\n`,
        ],
        [
          [what, "-o", "no-folder/x.arrow", ...more],
          `veelab capture ${what}: out: expected a file in a folder that exists, got "no-folder/x.arrow"\n`,
        ],
      ];
    }),
    [
      ["swap", "-o", "x.arrow", "--frames", "1"],
      "veelab capture swap: frames: expected a whole number from 512 to 32768",
    ],
    [["noise", "--nothing"], "veelab capture noise: unknown option '--nothing' (see veelab capture noise --help)\n"],
    [
      ["noise", "extra", "-o", "x.arrow"],
      "veelab capture noise: expected options alone, got extra (see veelab capture ",
    ],
    [
      ["toString"],
      'veelab capture: expected guest, lackey, mirror, noise, perf, radio, swap, tasks or threads, got "toString"\n',
    ],
    [["constructor"], "veelab capture: expected guest, lackey"],
  ])("%j cannot be used", async (args, sentence) => {
    const [status, out, err] = await said(...args);
    expect([status, out, err.slice(0, sentence.length)]).toEqual([2, "", sentence]);
  });
});
