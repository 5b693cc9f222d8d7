/**
 * The lines around a place in a source text, with a mark under the place:
 *
 * ```text
 *   1 | let a = 1;
 * > 2 | a.b.c();
 *     |     ^
 * ```
 *
 * @param line - from 1
 * @param column - from 1
 * @param context - how many lines are shown before and after
 * @returns the frame without a closing line feed; empty when the line lies outside the text
 */
export function codeFrame(source: string, line: number, column: number, context = 2): string {
  const lines = source.split(/\r\n|\r|\n/);
  if (line < 1 || line > lines.length) return "";
  const first = Math.max(1, line - context);
  const last = Math.min(lines.length, line + context);
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1] ?? "";
    frame.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`.trimEnd());
    // Tabs are kept in the padding, so that the mark stands under its character in every viewer.
    if (number === line) {
      frame.push(`  ${" ".repeat(width)} | ${text.slice(0, Math.max(0, column - 1)).replace(/[^\t]/g, " ")}^`);
    }
  }
  return frame.join("\n");
}
