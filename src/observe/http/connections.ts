import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** More than normal clients need, but below common limits of file descriptors (1,024), which Kafka and Sell need too. */
const MOST_CONNECTIONS = 600;
/** A client that has not read its response by then is cut off. */
const RESPONSE_WITHIN_MS = 10_000;
/** Response bytes that all clients together may leave unread. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/**
 * Bounds the open connections. A new connection is never refused: the one that has been without a
 * request for the longest is closed instead.
 */
export class Connections {
  /** Connections without a running request, the longest idle first. */
  readonly #idle = new Set<Socket>();
  /** Connections with a running request, in the order of the requests. */
  readonly #busy = new Map<Socket, ServerResponse>();
  /** Connections whose response is an endless event stream. */
  readonly #streams = new WeakSet<Socket>();

  opened(socket: Socket): void {
    this.#idle.add(socket);
    socket.once("close", () => {
      this.#idle.delete(socket);
      this.#busy.delete(socket);
    });
    if (this.#idle.size + this.#busy.size <= MOST_CONNECTIONS) return;
    const [longest = this.#oldestRequest()] = this.#idle;
    longest?.destroy();
  }

  /** Returns false when the request must not be answered; its connection is then closed. */
  requested(socket: Socket, response: ServerResponse): boolean {
    // Pipelined requests could make the server hold any number of responses at once.
    if (this.#busy.has(socket)) {
      socket.destroy();
      return false;
    }
    this.#dropUnread();
    this.#idle.delete(socket);
    this.#busy.set(socket, response);
    const late = setTimeout(() => {
      if (!this.#streams.has(socket)) socket.destroy();
    }, RESPONSE_WITHIN_MS).unref();
    response.once("close", () => {
      clearTimeout(late);
      this.#busy.delete(socket);
      if (!socket.destroyed) this.#idle.add(socket);
    });
    return true;
  }

  /** Exempts a connection from the limits: EventStream bounds what its client leaves unread. */
  markAsStream(socket: Socket): void {
    this.#streams.add(socket);
  }

  #oldestRequest(): Socket | undefined {
    return [...this.#busy.keys()].find((one) => !this.#streams.has(one));
  }

  #dropUnread(): void {
    let bytes = 0;
    // Starts with the newest, so that the oldest unread responses are dropped.
    for (const [socket, response] of [...this.#busy].reverse()) {
      bytes += response.writableLength;
      if (bytes > MOST_UNREAD_BYTES && !this.#streams.has(socket))
        socket.destroy();
    }
  }
}
