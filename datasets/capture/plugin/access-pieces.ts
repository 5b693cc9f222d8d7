/**
 * The row, in the batch being filled, of a thread's last read or last write. The translator makes several of one access (a vector's halves,
 * the iterations of a string instruction): by one instruction, each where the one before it ended.
 */
export class AccessPieces {
  /** The access's row in its batch. */
  row = 0;
  /** No batch has the number -1. */
  #batch = -1;
  #pc = 0;
  #end = 0;

  /** Another access, whose first piece is this. */
  start(batch: number, row: number, pc: number, address: number, bytes: number): void {
    this.#batch = batch;
    this.row = row;
    this.#pc = pc;
    this.#end = address + bytes;
  }

  /** Whether an access goes on with this one. */
  isFollowedBy(batch: number, pc: number, address: number): boolean {
    return this.#batch === batch && this.#pc === pc && this.#end === address;
  }

  /** Takes the piece that follows. */
  add(bytes: number): void {
    this.#end += bytes;
  }

  /** Nothing follows. */
  close(): void {
    this.#batch = -1;
  }
}
