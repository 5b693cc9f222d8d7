import type { Bar } from "./progress.ts";

const barWidth = 24;
/** What takes less time than this shows no bar, ms. */
const appearMs = 500;
/** Drawn at most so often, ms: more of it nobody sees. */
const apartMs = 100;

/** A bar on one line of a terminal, which is drawn over and leaves nothing; nothing is seen where the stream is no terminal. */
export function terminalBar(
  total: number,
  label: string,
  stream: NodeJS.WriteStream = process.stderr,
  clockMs: () => number = () => performance.now(),
): Bar {
  if (!stream.isTTY) return { update: () => undefined, end: () => undefined };
  const startMs = clockMs();
  let drawnMs = startMs + appearMs - apartMs;
  let isDrawn = false;
  // What an earlier run has finished says nothing of the time of the others.
  let before: number | undefined;
  return {
    update(done, note) {
      before ??= done;
      const nowMs = clockMs();
      if (nowMs - drawnMs < apartMs) return;
      drawnMs = nowMs;
      isDrawn = true;
      const full = Math.round((barWidth * done) / Math.max(1, total));
      const seconds = (nowMs - startMs) / 1000;
      const left = done > before ? `, about ${Math.ceil((seconds / (done - before)) * (total - done))} s left` : "";
      const bar = `${"#".repeat(full)}${"-".repeat(barWidth - full)}`;
      const line = `${label} [${bar}] ${done}/${total}  ${Math.floor(seconds)} s${left}  ${note}`;
      // The last column stays free: writing to it would wrap the line on some terminals.
      stream.write(`\r\u001b[2K${line.slice(0, Math.max(20, stream.columns - 1))}`);
    },
    end() {
      if (isDrawn) stream.write("\r\u001b[2K");
      isDrawn = false;
    },
  };
}
