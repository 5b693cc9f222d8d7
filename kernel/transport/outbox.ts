import { setTimeout } from "node:timers/promises";

interface Sender {
  send(frames: Uint8Array[]): Promise<void>;
}

/** What waits is counted in bytes, and a message as so many more. */
const messageBytes = 1024;
/** Where more waits, whoever makes it should wait, too, */
const enough = 16 << 20;
/** until no more than this is left. */
const little = 4 << 20;

/**
 * A queue in front of a socket: zeromq.js allows one asynchronous send at a time, and drops or refuses what comes
 * beside it. Frames leave in the order in which they were put.
 */
export class Outbox {
  readonly #socket: Sender;
  readonly #failed: (error: Error) => void;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #room: PromiseWithResolvers | undefined;

  constructor(socket: Sender, failed: (error: Error) => void) {
    this.#socket = socket;
    this.#failed = failed;
  }

  put(frames: Uint8Array[]): void {
    const bytes = frames.reduce((sum, { byteLength }) => sum + byteLength, messageBytes);
    this.#waiting += bytes;
    this.#last = this.#sendAfter(this.#last, frames, bytes);
  }

  /** Resolves once little waits; undefined where not much does. */
  room(): Promise<void> | undefined {
    if (this.#waiting <= enough) return undefined;
    this.#room ??= withResolvers();
    return this.#room.promise;
  }

  flushed(): Promise<void> {
    return this.#last;
  }

  protected send(frames: Uint8Array[]): Promise<void> {
    return this.#socket.send(frames);
  }

  async #sendAfter(last: Promise<void>, frames: Uint8Array[], bytes: number): Promise<void> {
    await last;
    try {
      await this.send(frames);
    } catch (error) {
      this.#failed(error as Error);
    }
    this.#waiting -= bytes;
    if (this.#room === undefined || this.#waiting > little) return;
    this.#room.resolve();
    this.#room = undefined;
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Between two tries to send what a subscriber has no room for (ms): at first, and at the most. */
const [shortMs, longMs] = [1, 20];
/** What a kernel that ends waits for a subscriber (ms). */
const lastMs = 1000;

/** A socket of subscribers that refuses a message for which one of them has no room, or drops it for that one. */
interface Publisher extends Sender {
  /** Can be set, but not read. */
  noDrop: boolean;
}

/**
 * The queue in front of a socket of subscribers. It waits for the slowest of them, so that none misses anything; but not for ever for one that
 * takes nothing at all: ZeroMQ passes that one by until it has taken half of what waits for it.
 */
export class SubscribersOutbox extends Outbox {
  readonly #publisher: Publisher;
  readonly #log: (error: Error) => void;
  #patienceMs: number;

  /** @param patienceMs - how long all subscribers wait for one that takes nothing */
  constructor(publisher: Publisher, log: (error: Error) => void, patienceMs: number) {
    super(publisher, log);
    this.#publisher = publisher;
    this.#log = log;
    this.#patienceMs = patienceMs;
  }

  /** The kernel ends: nobody is waited for much longer. */
  hurry(): void {
    this.#patienceMs = lastMs;
  }

  protected override async send(frames: Uint8Array[]): Promise<void> {
    if (await this.#offer(frames)) return;
    const since = performance.now();
    for (let pauseMs = shortMs; performance.now() - since < this.#patienceMs; pauseMs = Math.min(2 * pauseMs, longMs)) {
      await setTimeout(pauseMs);
      if (await this.#offer(frames)) return;
    }
    this.#log(new Error("a subscriber takes nothing: it misses what it has no room for"));
    this.#setDropping(true);
    try {
      await super.send(frames);
    } finally {
      this.#setDropping(false);
    }
  }

  /** Sends to all subscribers, if all have room. */
  async #offer(frames: Uint8Array[]): Promise<boolean> {
    try {
      await super.send(frames);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      return false;
    }
  }

  #setDropping(dropping: boolean): void {
    const emitWarning = process.emitWarning.bind(process);
    // zeromq.js warns that the option waits for a new connection. It does not.
    process.emitWarning = () => undefined;
    this.#publisher.noDrop = !dropping;
    process.emitWarning = emitWarning;
  }
}
