import type { EventBatch } from "../index.ts";

/** A second implementation of the map: a Map from page to block that is searched from end to end. */
export class NaiveMap {
  readonly blocks: Map<number, number> = new Map<number, number>();
  /** Writes since the epoch's begin. */
  readonly dirty: Set<number> = new Set<number>();

  apply({ kind, page, block }: EventBatch): void {
    for (let row = 0; row < kind.length; row++) {
      const [p, b] = [page[row]!, block[row]!];
      const endBlock = (except?: number): void => {
        for (const [q, c] of this.blocks) if (c === b && q !== except) this.blocks.delete(q);
      };
      switch (kind[row]) {
        case 0:
          this.blocks.set(p, b);
          this.dirty.add(p);
          break;
        case 1:
          endBlock();
          this.blocks.set(p, b);
          break;
        case 3:
          endBlock();
          break;
        case 2:
        case 4:
        case 5:
          this.blocks.delete(p);
          this.dirty.add(p);
      }
    }
  }
}
