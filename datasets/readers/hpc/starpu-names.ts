/** The names of StarPU's files are a name, a point and the host; a compressed one has a further ending. */
const plainName = (file: string): string => file.replace(/\.(gz|zst|xz|lz4|zip)$/, "");

/** The codelet of a file of its performance model. */
export function codeletOf(file: string): string {
  const name = plainName(file);
  const point = name.lastIndexOf(".");
  return point > 0 ? name.slice(0, point) : name;
}

/** What a file of a host's bus has. */
export function busPartOf(file: string): "bandwidth" | "latency" | undefined {
  const name = plainName(file);
  if (name.endsWith(".bandwidth")) return "bandwidth";
  return name.endsWith(".latency") ? "latency" : undefined;
}
