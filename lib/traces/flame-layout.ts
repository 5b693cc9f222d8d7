/** A frame of a flame graph; weights are of the samples that have it on their stack, and of those in itself. */
export interface Frame {
  readonly name: string;
  readonly depth: number;
  /** Its stack, root first, joined by `;`. */
  readonly path: string;
  start: number;
  total: number;
  self: number;
  readonly children: Map<string, Frame>;
}

const frame = (name: string, depth: number, path: string): Frame => ({
  ...{ name, depth, path, start: 0, total: 0, self: 0 },
  children: new Map<string, Frame>(),
});

/** The frames of stacks with weights, parents before children, siblings in alphabetical order side by side. */
export function flameLayout(weights: ReadonlyMap<string, number>): Frame[] {
  const root = frame("all", 0, "");
  for (const [stack, weight] of weights) {
    const names = stack === "" ? [] : stack.split(";");
    let node = root;
    root.total += weight;
    for (const name of names) {
      const path = node === root ? name : `${node.path};${name}`;
      const child = node.children.get(name) ?? frame(name, node.depth + 1, path);
      node.children.set(name, child);
      child.total += weight;
      node = child;
    }
    node.self += weight;
  }
  const frames: Frame[] = [];
  const place = (node: Frame, start: number): void => {
    node.start = start;
    frames.push(node);
    let at = start;
    for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      place(child, at);
      at += child.total;
    }
  };
  place(root, 0);
  return frames;
}
