/** Why a record goes to the dead-letter topic; the value of the header `error.stage`. */
export type Stage = "decode" | "encode" | "route" | "publish";

/**
 * What a fault speaks of: one record, all records of a type, a connection and everything that needs
 * it, or this process, which must let go of what it holds.
 */
export type FaultScope = "record" | "type" | "connection" | "process";

/** An error that the program expects, and acts on by its kind. */
export abstract class Fault extends Error {
  abstract readonly scope: FaultScope;
  /** Whether the same request may succeed later, with nothing changed by anybody. */
  readonly isRetryable: boolean = false;
}

export function isRetryable(error: unknown): boolean {
  return error instanceof Fault && error.isRetryable;
}

/** The record itself can't be published, now or later: it becomes a dead letter. */
export class RecordFault extends Fault {
  override readonly name = "RecordFault";
  override readonly scope = "record";
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
export class TypeFault extends Fault {
  override readonly name = "TypeFault";
  override readonly scope = "type";
}

/** A server is away, overloaded or answers garbage: worth trying again. */
export class UnavailableFault extends Fault {
  override readonly name: string = "UnavailableFault";
  override readonly scope = "connection";
  override readonly isRetryable = true;
}

/** Sell asks for fewer requests; nothing was taken from the queue. */
export class ThrottledFault extends UnavailableFault {
  override readonly name = "ThrottledFault";
}

/** Sell no longer knows the session: what it handed out and was not acknowledged comes again in the next. */
export class SessionLostFault extends Fault {
  override readonly name = "SessionLostFault";
  override readonly scope = "connection";
}

/**
 * Another process, or the brokers, have ended this one's right to write: what it holds may be
 * older than what is in Kafka by now, so none of it is published or acknowledged. Sell hands
 * it out again in the next session.
 */
export class FencedFault extends Fault {
  override readonly name = "FencedFault";
  override readonly scope = "process";
}

/** Two processes fence each other in turn: one of them must go. */
export class RivalFault extends Fault {
  override readonly name = "RivalFault";
  override readonly scope = "process";
}

/** Sell refuses a pack of acknowledgement keys as such: some key in it, or its size. */
export class AckRefusedFault extends Fault {
  override readonly name = "AckRefusedFault";
  override readonly scope = "record";
}

/** A wrong token, address or permission: nothing works until somebody changes something. */
export class DeniedFault extends Fault {
  override readonly name = "DeniedFault";
  override readonly scope = "connection";
}

/**
 * An error that this program does not expect, of whatever request or library: the drain in which
 * it came has failed, and what it had not acknowledged comes again in the next.
 */
export class UnexpectedFault extends Fault {
  override readonly name = "UnexpectedFault";
  override readonly scope = "process";

  constructor(cause: unknown) {
    const reason =
      cause instanceof Error
        ? `${cause.name}: ${cause.message}`
        : String(cause);
    super(`an unexpected error: ${reason}`, { cause });
  }
}
