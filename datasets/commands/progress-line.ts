/** How far something is, on one line of a terminal that is drawn over; nothing where the stream is no terminal. */
export interface ProgressLine {
  readonly update: (done: { readonly bytes: number; readonly totalBytes: number; readonly rows?: number }) => void;
  /** Takes the line away. */
  readonly end: () => void;
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
      const full = Math.round(barWidth * share);
      const parts = [
        `${label} [${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${sizeText(bytes)} of ${sizeText(totalBytes)}`,
        ...(rows === undefined ? [] : [`${rows.toLocaleString("en")} rows`]),
        `${sizeText(bytes / seconds)}/s`,
        // What is left when all is read is writing.
        share < 1 ? `${share > 0 ? Math.ceil((seconds / share) * (1 - share)) : "?"} s left` : "writing",
      ];
      stream.write(`\r\u001b[2K${parts.join("  ").slice(0, Math.max(20, stream.columns - 1))}`);
    },
    end() {
      stream.write("\r\u001b[2K");
    },
  };
}

/** A number of bytes in the unit that gives it at most three digits before the point. */
function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]!}`;
}
