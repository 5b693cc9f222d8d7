/** How far something is, on one line of a terminal that is drawn over; nothing where the stream is no terminal. */
export interface ProgressLine {
  update(done: { readonly bytes: number; readonly totalBytes: number; readonly rows?: number }): void;
  /** Takes the line away. */
  end(): void;
}

const barWidth = 24;

/** Starts a line; it is drawn ten times a second at most. */
export function progressLine(label: string, stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  if (!stream.isTTY) return { update: () => undefined, end: () => undefined };
  const start = performance.now();
  let drawn = -Infinity;
  return {
    update({ bytes, totalBytes, rows }) {
      const now = performance.now();
      if (now - drawn < 100) return;
      drawn = now;
      const share = totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes);
      const seconds = (now - start) / 1000;
      const left = share > 0 ? (seconds / share) * (1 - share) : 0;
      const full = Math.round(barWidth * share);
      const text =
        `${label} [${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${(100 * share).toFixed(0).padStart(3)} %  ` +
        `${rows === undefined ? "" : `${rows.toLocaleString("en")} rows, `}${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ${left.toFixed(0)} s left`;
      stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, stream.columns - 1))}`);
    },
    end() {
      stream.write("\r\u001b[2K");
    },
  };
}
