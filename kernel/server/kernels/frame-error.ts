/** A websocket message that is not one of the protocol's; the socket is closed for it. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  /** 1003: a kind of message that this subprotocol has not; 1007: damaged; 1008: not allowed. */
  readonly code: 1003 | 1007 | 1008;

  constructor(code: FrameError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
