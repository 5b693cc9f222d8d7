import type { CommContents, CommType, Message } from "../protocol/messages.ts";
import { checkComm, isCommType, RequestError } from "../protocol/requests.ts";
import type { CommArrival } from "./link.ts";

/** Which comms are open, as their messages tell: known to the thread of the sockets also while a cell is busy. */
export class OpenComms {
  readonly #targets = new Map<string, string>();
  #count = 0;

  /**
   * Takes a message of a client's.
   *
   * @throws RequestError for a content that is none, and for a comm that is not open
   */
  arrived({ header: { msg_type: type }, content, metadata, buffers }: Message): CommArrival {
    if (!isCommType(type)) throw new RequestError(`expected a message of a comm, got ${type}`);
    const checked: CommContents[CommType] = checkComm(type, content);
    const { comm_id: comm, data } = checked;
    const target = "target_name" in checked ? checked.target_name : undefined;
    if (target !== undefined) this.#targets.set(comm, target);
    else if (!this.#targets.has(comm)) throw new RequestError(`comm_id: expected a comm that is open, got ${comm}`);
    if (type === "comm_close") this.#targets.delete(comm);
    this.#count += 1;
    // Copies: what came from the network may lie in memory that is much larger.
    return {
      cell: -this.#count,
      type,
      comm,
      target,
      data,
      metadata,
      buffers: buffers.map((each) => new Uint8Array(each)),
    };
  }

  /** Sees a message of the kernel's own, whose content is JSON. */
  sent(type: CommType, content: string): void {
    if (type === "comm_msg") return;
    const { comm_id: comm, target_name: target } = JSON.parse(content) as CommContents["comm_open"];
    if (type === "comm_open") this.#targets.set(comm, target);
    else this.#targets.delete(comm);
  }

  /** The open comms, all or those of one target. */
  info(target: string | undefined): Record<string, { readonly target_name: string }> {
    const entries = [...this.#targets].filter(([, name]) => target === undefined || name === target);
    return Object.fromEntries(entries.map(([comm, name]) => [comm, { target_name: name }]));
  }
}
