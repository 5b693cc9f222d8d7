import fc from "fast-check";
import type { EventKind } from "../index.ts";
import { events } from "../index.ts";

export const pageBytes = 4096;

/** One step of a guest's life; contents are small numbers, so that accidental duplicates are common. */
export interface Step {
  readonly kind: Exclude<EventKind, "checkpoint">;
  readonly page: number;
  readonly block: number;
  readonly content: number;
}

/** Random scripts of transfers, stores and releases. */
export const steps = (pages: number, blocks: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom("read", "write", "partialRead", "partialWrite", "store", "release"),
      page: fc.nat(pages - 1),
      block: fc.nat(blocks - 1),
      content: fc.nat(4),
    }),
    { maxLength: 120 },
  );

/** A machine that does what the steps say to real bytes. */
export class ByteMachine {
  readonly memory: Uint8Array;
  readonly disk: Uint8Array;

  constructor(pages: number, blocks: number) {
    this.memory = new Uint8Array(pages * pageBytes);
    this.disk = new Uint8Array(blocks * pageBytes);
    for (let block = 0; block < blocks; block++) this.block(block).fill(1 + (block % 4));
  }

  page(page: number): Uint8Array {
    return this.memory.subarray(page * pageBytes, (page + 1) * pageBytes);
  }

  block(block: number): Uint8Array {
    return this.disk.subarray(block * pageBytes, (block + 1) * pageBytes);
  }

  do({ kind, page, block, content }: Step): void {
    const half = pageBytes / 2;
    if (kind === "read") this.page(page).set(this.block(block));
    else if (kind === "write") this.block(block).set(this.page(page));
    else if (kind === "partialRead") this.page(page).set(this.block(block).subarray(0, half), half);
    else if (kind === "partialWrite") this.block(block).set(this.page(page).subarray(0, half), half);
    else if (kind === "store") this.page(page).fill(content, 8, 16);
    else this.page(page).fill(content);
  }
}

/** The script as events. */
export const eventsOf = (script: readonly Step[], ...end: readonly "checkpoint"[]): ReturnType<typeof events> =>
  events([
    ...script.map(({ kind, page, block }) => [kind, page, block] as const),
    ...end.map((kind) => [kind] as const),
  ]);
