import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Far more than honest clients need, and few enough to leave file descriptors for Kafka and Sell (1,024 is a common limit). */
const MOST_CONNECTIONS = 600;
/** A probe reads a few bytes at once; whoever takes longer for any answer does not read. */
const ANSWER_WITHIN_MS = 10_000;
/** What all clients together may leave unread. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Makes room for each new connection, by closing the one that has been without a request for the
 * longest: however many are silent, none is ever refused.
 */
export class Connections {
  /** Those without a request that is being answered, in the order in which they became so. */
  readonly #silent = new Set<Socket>();
  /** In the order of their requests. */
  readonly #answered = new Map<Socket, ServerResponse>();
  /** Those whose answers have no end. */
  readonly #streams = new WeakSet<Socket>();

  opened(socket: Socket): void {
    this.#silent.add(socket);
    socket.once("close", () => {
      this.#silent.delete(socket);
      this.#answered.delete(socket);
    });
    if (this.#silent.size + this.#answered.size <= MOST_CONNECTIONS) return;
    const [longest = this.#oldestAnswer()] = this.#silent;
    longest?.destroy();
  }

  /** False when the request is not to be answered: its connection is closed. */
  requested(socket: Socket, response: ServerResponse): boolean {
    // Requests that wait for no answer could ask for any number of answers at once.
    if (this.#answered.has(socket)) {
      socket.destroy();
      return false;
    }
    this.#dropUnread();
    this.#silent.delete(socket);
    this.#answered.set(socket, response);
    const late = setTimeout(() => {
      if (!this.#streams.has(socket)) socket.destroy();
    }, ANSWER_WITHIN_MS).unref();
    response.once("close", () => {
      clearTimeout(late);
      this.#answered.delete(socket);
      if (!socket.destroyed) this.#silent.add(socket);
    });
    return true;
  }

  /** The answer has no end; whoever sends it bounds what is unread of it. */
  streams(socket: Socket): void {
    this.#streams.add(socket);
  }

  #oldestAnswer(): Socket | undefined {
    return [...this.#answered.keys()].find((one) => !this.#streams.has(one));
  }

  #dropUnread(): void {
    let bytes = 0;
    // The newest keep theirs.
    for (const [socket, response] of [...this.#answered].reverse()) {
      bytes += response.writableLength;
      if (bytes > MOST_UNREAD_BYTES && !this.#streams.has(socket))
        socket.destroy();
    }
  }
}
