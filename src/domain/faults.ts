/** Why a record goes to the dead-letter topic; the value of the header `error.stage`. */
export type Stage = "decode" | "encode" | "route" | "publish";

/** The record itself can't be published, now or later: it becomes a dead letter. */
export class RecordFault extends Error {
  override readonly name = "RecordFault";
  readonly stage: Stage;

  constructor(stage: Stage, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

/**
 * A topic or schema can't take any record of a type until somebody changes something:
 * the type's items are deferred. The message says what to do.
 */
export class TypeFault extends Error {
  override readonly name = "TypeFault";
}

/** A server is away, overloaded or answers garbage: worth trying again. */
export class UnavailableFault extends Error {
  override readonly name: string = "UnavailableFault";
}

/** Sell asks for fewer requests; nothing was taken from the queue. */
export class ThrottledFault extends UnavailableFault {
  override readonly name = "ThrottledFault";
}

/** Sell no longer knows the session: what it handed out and was not acknowledged comes again in the next. */
export class SessionLostFault extends Error {
  override readonly name = "SessionLostFault";
}

/**
 * Another process, or the brokers, have ended this one's right to write: what it holds may be
 * older than what is in Kafka by now, so none of it is published or acknowledged. Sell hands
 * it out again in the next session.
 */
export class FencedFault extends Error {
  override readonly name = "FencedFault";
}

/** Two processes fence each other in turn: one of them must go. */
export class RivalFault extends Error {
  override readonly name = "RivalFault";
}

/** Sell refuses a pack of acknowledgement keys as such: some key in it, or its size. */
export class AckRefusedFault extends Error {
  override readonly name = "AckRefusedFault";
}

/** A wrong token, address or permission: nothing works until somebody changes something. */
export class DeniedFault extends Error {
  override readonly name = "DeniedFault";
}

/**
 * An error that this program does not expect, of whatever request or library: the drain in which
 * it came has failed, and what it had not acknowledged comes again in the next.
 */
export class UnexpectedFault extends Error {
  override readonly name = "UnexpectedFault";

  constructor(cause: unknown) {
    const reason =
      cause instanceof Error
        ? `${cause.name}: ${cause.message}`
        : String(cause);
    super(`an unexpected error: ${reason}`, { cause });
  }
}
