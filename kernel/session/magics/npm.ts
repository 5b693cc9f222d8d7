import { MagicError, misused, type Magic } from "./magic.ts";
import { runProcess } from "./run-process.ts";

const windows = process.platform === "win32";

/** `%npm`. */
export const npm: Magic = {
  summary: "runs npm in the notebook's folder",
  usage: ["%npm install PACKAGE"],
  help:
    "Whatever npm can do; packages are installed into the folder of the notebook, also where a folder above it has some. It runs before the cell's imports, " +
    "so that the same cell can import what it installs. A package that was imported before stays as it is until the kernel is restarted.",
  async run({ argument }, host) {
    if (argument === "") throw misused(npm, argument);
    const args = argument.match(/"[^"]*"|'[^']*'|\S+/g)!.map((each) => each.replace(/^(["'])(.*)\1$/, "$2"));
    const status = await runProcess(
      // Without a package.json, npm would look for one in the folders above. What stands behind a `--` is not npm's.
      { file: windows ? "npm.cmd" : "npm", args: ["--prefix", host.directory, ...args], cwd: host.directory },
      host,
    );
    if (status !== 0) throw new MagicError(`%npm: expected exit status 0, got ${status}`);
  },
};
