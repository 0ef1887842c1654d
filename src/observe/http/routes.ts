import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connections } from "./connections.ts";
import { EventStream } from "./event-stream.ts";
import { readPageFiles, type PageFile, type PageName } from "./page-files.ts";
import {
  send,
  sendFile,
  sendJson,
  sendReadiness,
  type ServedStatus,
} from "./responses.ts";

export interface RouteOptions {
  readonly page?: PageName;
  readonly status: () => ServedStatus;
  /** Returns the status of one connector of many, for `/connectors/<name>/`; null when it does not run here. */
  readonly connector?: (name: string) => ServedStatus | null;
  readonly metrics: {
    readonly contentType: string;
    text(): Promise<string>;
  };
}

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

/** A connector's name needs no escaping in a path. */
const CONNECTOR_PATH = /^\/connectors\/([A-Za-z0-9._-]+)\/([a-z.]*)$/;

/** What the HTTP server serves at each path. */
export class Routes implements Disposable {
  readonly #connections: Connections;
  readonly #connector: (name: string) => ServedStatus | null;
  readonly #events = new EventStream();
  readonly #connectorFiles = readPageFiles("status");
  readonly #fixed: ReadonlyMap<string, Handler>;

  constructor(options: RouteOptions, connections: Connections) {
    const { page = "status", status, connector, metrics } = options;
    this.#connections = connections;
    this.#connector = connector ?? (() => null);
    const files = [...readPageFiles(page)].map(
      ([name, file]) => [`/${name}`, fileHandler(file)] as const,
    );
    this.#fixed = new Map<string, Handler>([
      ...files,
      ["/livez", jsonHandler(() => ({ alive: true }))],
      ["/readyz", readinessHandler(status)],
      ["/status", jsonHandler(status)],
      ["/events", this.#eventsHandler(status)],
      [
        "/metrics",
        async (_, response) => {
          send(response, 200, metrics.contentType, await metrics.text());
        },
      ],
    ]);
  }

  /** Returns undefined when nothing is served at the path. */
  find(path: string): Handler | undefined {
    return this.#fixed.get(path) ?? this.#findConnector(path);
  }

  /** Ends every event stream. */
  [Symbol.dispose](): void {
    this.#events[Symbol.dispose]();
  }

  #findConnector(path: string): Handler | undefined {
    const [, name = "", rest = ""] = CONNECTOR_PATH.exec(path) ?? [];
    const status = this.#connector(name);
    if (status === null) return undefined;
    const file = this.#connectorFiles.get(rest);
    if (file !== undefined) return fileHandler(file);
    switch (rest) {
      case "status":
        return jsonHandler(() => status);
      case "readyz":
        return readinessHandler(() => status);
      case "events":
        return this.#eventsHandler(() => this.#connector(name));
      default:
        return undefined;
    }
  }

  /** Streams a status until the client leaves or `status` returns null. */
  #eventsHandler(status: () => ServedStatus | null): Handler {
    const state = () => {
      const now = status();
      return now && JSON.stringify(now);
    };
    return (request, response) => {
      if (request.method === "HEAD")
        send(response, 200, "text/event-stream; charset=utf-8", "");
      else if (this.#events.isFull)
        sendJson(response, 503, {
          error: "too many pages are open; try later",
        });
      else {
        this.#connections.markAsStream(request.socket);
        this.#events.add(response, state);
      }
    };
  }
}

function fileHandler(file: PageFile): Handler {
  return (_, response) => {
    sendFile(response, file);
  };
}

function jsonHandler(value: () => unknown): Handler {
  return (_, response) => {
    sendJson(response, 200, value());
  };
}

function readinessHandler(status: () => ServedStatus): Handler {
  return (_, response) => {
    sendReadiness(response, status());
  };
}
