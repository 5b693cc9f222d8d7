/** A part of a file: from its byte `start` to its byte `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that a `Range` header asks for. Several, or what is no range, are answered with the whole file, as HTTP
 * lets a server do.
 *
 * @returns `whole`, or `none` where the file has no such bytes
 */
export function byteRange(header: string | undefined, size: number): ByteRange | "whole" | "none" {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/u.exec(header?.replaceAll(" ", "") ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return "whole";
  if (from === "") {
    const length = Number(to);
    return length === 0 || size === 0 ? "none" : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(from);
  if (to !== "" && Number(to) < start) return "whole";
  return start >= size ? "none" : { start, end: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}
