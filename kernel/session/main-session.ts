import { Session } from "node:inspector";

/** As long as an answer is awaited, the event loop of this thread turns so often (ms): no answer wakes it. */
const turnMs = 1;

/** This thread's session with the inspector of the main thread, which answers also while that thread is in a loop. */
export class MainSession {
  #session: Session | undefined;

  /** Asks; undefined where there is an error instead of an answer, as where a termination takes its own asker with it. */
  async post(method: string, parameters: object = {}): Promise<unknown> {
    const turning = setInterval(() => undefined, turnMs);
    try {
      return await new Promise((resolve) => {
        this.#open().post(method, parameters, (error: Error | null, reply?: object) => {
          resolve(error === null ? reply : undefined);
        });
      });
    } finally {
      clearInterval(turning);
    }
  }

  #open(): Session {
    if (this.#session === undefined) {
      this.#session = new Session();
      this.#session.connectToMainThread();
    }
    return this.#session;
  }
}
