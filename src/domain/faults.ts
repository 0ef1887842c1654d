import { causeSentence, type Cause } from "./cause.ts";

/** Why a record goes to the dead-letter topic; the value of the header `error.stage`. */
export const stages = ["decode", "encode", "route", "publish"] as const;

export type Stage = (typeof stages)[number];

/**
 * What a fault affects: one record, all records of a type, a connection and everything that needs it,
 * or this process, which must drop what it has fetched.
 */
type FaultScope = "record" | "type" | "connection" | "process";

/** An error that the program expects and handles by its class. */
abstract class Fault extends Error {
  abstract readonly scope: FaultScope;
  /** Whether the same request may succeed later without anybody's help. */
  readonly isRetryable: boolean = false;
}

export function isRetryable(error: unknown): boolean {
  return error instanceof Fault && error.isRetryable;
}

/** The record can never be published: it becomes a dead-letter record. */
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
 * A topic or schema accepts no record of a type until somebody changes something: the items of the
 * type are deferred. The message says what to do.
 */
export class TypeFault extends Fault {
  override readonly name = "TypeFault";
  override readonly scope = "type";
  readonly why: Cause;

  constructor(why: Cause, options?: ErrorOptions) {
    super(causeSentence(why), options);
    this.why = why;
  }
}

/** A server is away or overloaded, or its answer makes no sense: another attempt may succeed. */
export class UnavailableFault extends Fault {
  override readonly name: string = "UnavailableFault";
  override readonly scope = "connection";
  override readonly isRetryable = true;
}

/** Sell throttles requests; it took nothing from the queue. */
export class ThrottledFault extends UnavailableFault {
  override readonly name = "ThrottledFault";
}

/** Sell no longer knows the session. Items that were not acknowledged come again in the next one. */
export class SessionLostFault extends Fault {
  override readonly name = "SessionLostFault";
  override readonly scope = "connection";
}

/**
 * Another process or the brokers ended this process's right to write. Its items may be older than
 * what Kafka holds by now, so none is published or acknowledged: Sell hands them out again.
 */
export class FencedFault extends Fault {
  override readonly name = "FencedFault";
  override readonly scope = "process";
}

/** Two processes fence each other again and again: one of them must be stopped. */
export class RivalFault extends Fault {
  override readonly name = "RivalFault";
  override readonly scope = "process";
}

/** Sell refuses a batch of acknowledgement keys: one of the keys, or the size of the batch. */
export class AckRefusedFault extends Fault {
  override readonly name = "AckRefusedFault";
  override readonly scope = "record";
}

/** A server that can refuse access. */
export type DenyingServer =
  "sell" | "kafka" | "registry" | "token-endpoint" | "aws-credentials";

/** A wrong token, address or permission: nothing works until somebody changes something. */
export class DeniedFault extends Fault {
  override readonly name = "DeniedFault";
  override readonly scope = "connection";
  readonly server: DenyingServer;

  constructor(server: DenyingServer, message: string, options?: ErrorOptions) {
    super(message, options);
    this.server = server;
  }
}

/**
 * An error that no code expects. The drain in which it was thrown has failed; what it had not
 * acknowledged comes again in the next one.
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
