import process from "node:process";

/**
 * One line on standard error that says how far the build is; where there is no terminal, a line for each quarter.
 *
 * @param {string} what
 */
export function progressLine(what) {
  const { stderr } = process;
  let last = -1;
  const step = stderr.isTTY ? 1 : 25;
  const show = (share) => {
    const percent = Math.floor((100 * share) / step) * step;
    if (percent <= last) return;
    last = percent;
    stderr.write(stderr.isTTY ? `\r${what} ${percent}%` : `${what} ${percent}%\n`);
  };
  const end = () => {
    if (stderr.isTTY) stderr.write("\n");
  };
  return { show, end };
}
