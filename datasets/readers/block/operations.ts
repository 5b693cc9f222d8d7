import { blockOperations } from "../../formats/kinds.ts";

const codeOf = (name: string): number => blockOperations.indexOf(name);

/** The codes of a block trace's operations. */
export const read: number = codeOf("read");
export const write: number = codeOf("write");
export const discard: number = codeOf("discard");
export const flush: number = codeOf("flush");
export const other: number = codeOf("other");

/** The bytes of a sector, in which tools count whatever the disk's own are. */
export const sectorBytes = 512;
