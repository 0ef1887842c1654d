import type { Socket } from "node:net";
import { KafkaJSConnectionClosedError } from "kafkajs/src/errors.js";
import { abandonedError, connectionError } from "../broker-faults.ts";
import { brokerReason } from "../../errors.ts";
import { deliverAnswers } from "./delivery.ts";
import { Frames } from "./frames.ts";
import type { Connection, Protocol } from "../kafkajs-internals.ts";
import { isBeforeLogin, isPrompt } from "./request-kinds.ts";
import { readingSafely } from "./safe-reading.ts";
import { formatAddress } from "../pool/seeds.ts";

/** A live broker answers a request that needs no waiting in a fraction of this time. */
const ANSWER_MS = 10_000;

/** The `requestTimeout` of all clients. The timer ends a request so much later, in case kafkajs has not. */
const REQUEST_MS = 30_000;
const GRACE_MS = 2_000;

/** How long a disconnect waits for the answers of requests that were sent. */
const LEAVE_MS = 3_000;

/** Makes a connection of kafkajs fail as a whole, and soon, when a broker does anything wrong. */
export function guard(connection: Connection): void {
  const own = new Guard(connection);
  const original = {
    authenticate: connection.authenticate.bind(connection),
    disconnect: connection.disconnect.bind(connection),
    send: connection.send.bind(connection),
    sendAuthRequest: connection.sendAuthRequest.bind(connection),
  };
  const overrides: Partial<Connection> = {
    abandon: (error) => {
      own.fail(error);
    },
    connect: () => own.connect(),
    disconnect: () => own.disconnect(original.disconnect),
    authenticate: () => own.orFailure(original.authenticate),
    send: (protocol) => own.send(protocol, original.send),
    sendAuthRequest: (protocol) =>
      own.promptly("login", () => original.sendAuthRequest(protocol)),
  };
  Object.assign(connection, overrides);
  const { requestQueue } = connection;
  const check = requestQueue.scheduleCheckPendingRequests.bind(requestQueue);
  // kafkajs looks each millisecond for requests that wait, also while none does.
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) check();
  };
}

class Guard {
  readonly #connection: Connection;
  /** Null while there is no connection, and none is being opened. */
  #socket: Socket | null = null;
  #connecting: Promise<unknown> | null = null;
  #giveUp: (error: Error) => void = () => undefined;
  /** What ended the last connection. */
  #failure: Error | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  connect(): Promise<unknown> {
    if (this.#connection.isConnected()) return Promise.resolve(true);
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  fail(error: Error): void {
    const connection = this.#connection;
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    this.#failure = error;
    connection.connectionStatus = "disconnected";
    connection.authenticatedAt = null;
    connection.requestQueue.destroy();
    socket.destroy();
    connection.logError(error.message);
    this.#giveUp(error);
    connection.authHandlers?.onError();
    connection.requestQueue.rejectAll(error);
  }

  async disconnect(disconnect: () => Promise<unknown>): Promise<unknown> {
    const socket = this.#socket;
    const leave = () => {
      if (this.#socket === socket) this.fail(abandonedError(this.#connection));
    };
    if (!this.#connection.isConnected()) {
      // The one of kafkajs would add a listener to a socket that is gone, once more each time.
      leave();
      return true;
    }
    const timer = setTimeout(leave, LEAVE_MS);
    const result = await disconnect();
    clearTimeout(timer);
    if (this.#socket === socket) this.#socket = null;
    socket?.destroySoon();
    return result;
  }

  async send(
    protocol: Protocol,
    send: (protocol: Protocol) => Promise<unknown>,
  ): Promise<unknown> {
    const { apiKey, apiName } = protocol.request;
    if (!isBeforeLogin(apiKey)) await this.#connection.authenticate();
    const sending = () => send(this.#readingSafely(protocol));
    if (isPrompt(apiKey) && this.#isIdle())
      return this.promptly(apiName, sending);
    const socket = this.#socket;
    const { requestTimeout } = protocol;
    const withinMs = Math.max(REQUEST_MS, requestTimeout ?? 0) + GRACE_MS;
    try {
      return await this.#within(withinMs, apiName, sending);
    } catch (error) {
      // A broker answers in order: what delays this answer delays all that follow it.
      const isLate =
        error instanceof Error && error.name === "KafkaJSRequestTimeoutError";
      if (isLate && this.#socket === socket) this.fail(error);
      throw error;
    }
  }

  /** Ends the connection when a task takes longer than a live broker needs. */
  promptly<T>(what: string, task: () => Promise<T>): Promise<T> {
    return this.#within(ANSWER_MS, what, task);
  }

  /** Uses a timer: kafkajs counts by the wall clock, which may be set back. */
  async #within<T>(
    ms: number,
    what: string,
    task: () => Promise<T>,
  ): Promise<T> {
    const socket = this.#socket;
    const timer = setTimeout(() => {
      if (this.#socket !== socket) return;
      const reason = `no answer (${what}) within ${ms / 1_000} s`;
      this.fail(this.#error(reason, "ETIMEDOUT"));
    }, ms);
    try {
      return await this.orFailure(task);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects with what ended the connection: kafkajs reports the end during a login as a refused login. */
  async orFailure<T>(task: () => Promise<T>): Promise<T> {
    const socket = this.#socket;
    try {
      return await task();
    } catch (error) {
      throw this.#socket === socket ? error : (this.#failure ?? error);
    }
  }

  /** Whether no earlier request can delay the answer to the next one. */
  #isIdle(): boolean {
    const { requestQueue } = this.#connection;
    return (
      requestQueue.inflight.size === 0 &&
      requestQueue.pending.length === 0 &&
      requestQueue.canSendSocketRequestImmediately()
    );
  }

  async #open(): Promise<void> {
    const connection = this.#connection;
    const { host, port, ssl, connectionTimeout } = connection;
    const opened = Promise.withResolvers<undefined>();
    const frames = new Frames();
    this.#giveUp = opened.reject;
    connection.authenticatedAt = null;
    const socket = this.#socketTo({
      host,
      port,
      ssl,
      onConnect: () => {
        opened.resolve(undefined);
      },
    });
    this.#socket = socket;
    connection.socket = socket;
    const fail = (error: Error) => {
      if (this.#socket === socket) this.fail(error);
    };
    const closed = () => {
      const text = `${formatAddress(connection)} has closed the connection`;
      fail(new KafkaJSConnectionClosedError(text, { host, port }));
    };
    socket.on("data", (chunk: Buffer) => {
      try {
        if (this.#socket === socket) deliverAnswers(connection, frames, chunk);
      } catch (error) {
        fail(this.#error(`it is no Kafka broker: ${brokerReason(error)}`));
      }
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const { code } = error;
      fail(this.#error(brokerReason(error), code));
    });
    socket.on("end", closed);
    socket.on("close", closed);
    const timer = setTimeout(() => {
      const reason = `no connection within ${connectionTimeout / 1_000} s`;
      fail(this.#error(reason, "ETIMEDOUT"));
    }, connectionTimeout);
    try {
      await opened.promise;
      connection.connectionStatus = "connected";
      connection.requestQueue.scheduleRequestTimeoutCheck();
    } finally {
      clearTimeout(timer);
    }
  }

  #socketTo(target: Parameters<Connection["socketFactory"]>[0]): Socket {
    try {
      return this.#connection.socketFactory(target);
    } catch (error) {
      throw this.#error(brokerReason(error));
    }
  }

  /** An answer that can't be read ends the connection; an error that the broker answers does not. */
  #readingSafely(protocol: Protocol): Protocol {
    const socket = this.#socket;
    return readingSafely(protocol, (reason) => {
      const fault = this.#error(reason);
      if (this.#socket === socket) this.fail(fault);
      return fault;
    });
  }

  #error(reason: string, code?: string): Error {
    return connectionError(this.#connection, reason, code);
  }
}
