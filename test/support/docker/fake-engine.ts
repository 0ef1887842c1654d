import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { LocalServer, type Serve } from "../http/local-server.ts";

/** What a client asks a Docker engine. */
export type Call =
  | "info"
  | "image"
  | "pull"
  | "create"
  | "start"
  | "inspect"
  | "logs"
  | "remove";

const calls: readonly (readonly [Call, RegExp])[] = [
  ["info", /^GET \S*\/info\b/],
  ["image", /^GET \S*\/images\/.+\/json/],
  ["pull", /^POST \S*\/images\/create/],
  ["create", /^POST \S*\/containers\/create/],
  ["start", /^POST \S*\/containers\/[^/]+\/start/],
  ["inspect", /^GET \S*\/containers\/[^/]+\/json/],
  ["logs", /^GET \S*\/containers\/[^/]+\/logs/],
  ["remove", /^DELETE \S*\/containers\//],
];

interface Container {
  /** Stands in for what the container runs; null before its start. */
  server: Server | null;
  readonly port: number;
}

/** Speaks the HTTP API of a Docker engine, whose containers pass connections on to a server that runs already. */
export class FakeEngine extends LocalServer {
  /** Answers in the engine's place. */
  faults: Partial<Record<Call, Serve>> = {};
  readonly asked: Call[] = [];
  readonly containers = new Map<string, Container>();
  readonly #images = new Set<string>();
  readonly #behind: string | null;
  #told = Promise.withResolvers<undefined>();

  private constructor(behind: string | null) {
    super();
    this.#behind = behind;
  }

  /** `behind` is the host and port that each container passes its connections on to. */
  static async start(behind: string | null = null): Promise<FakeEngine> {
    const engine = new FakeEngine(behind);
    await engine.listen();
    return engine;
  }

  /** The value of DOCKER_HOST. */
  get address(): string {
    return `tcp://${this.host}`;
  }

  /** Waits until the engine is asked something, from now on or before. */
  async wasAsked(call: Call): Promise<void> {
    while (!this.asked.includes(call)) await this.#told.promise;
  }

  forget(): void {
    this.faults = {};
    this.asked.length = 0;
    this.#images.clear();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const { server } of this.containers.values()) server?.close();
    await super[Symbol.asyncDispose]();
  }

  protected override serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): unknown {
    const line = `${request.method ?? ""} ${request.url ?? ""}`;
    const call = calls.find(([, pattern]) => pattern.test(line))?.[0];
    if (call === undefined)
      return answer(404, { message: "page not found" })(
        request,
        response,
        body,
      );
    this.asked.push(call);
    this.#told.resolve(undefined);
    this.#told = Promise.withResolvers();
    const serve = this.faults[call] ?? this.#usual(call, line, body);
    return serve(request, response, body);
  }

  #usual(call: Call, line: string, body: Buffer): Serve {
    const [, name = ""] = /\/containers\/([^/?]+)/.exec(line) ?? [];
    const container = this.containers.get(name);
    switch (call) {
      case "info":
        return answer(200, {
          ServerVersion: "28.0.0",
          OperatingSystem: "fake",
        });
      case "image":
        return this.#images.size > 0
          ? answer(200, { Id: "sha256:1" })
          : answer(404, { message: "No such image" });
      case "pull":
        this.#images.add(line);
        return answer(200, { id: "layer", status: "Pull complete" });
      case "create":
        return this.#create(line, body);
      case "start":
        if (container === undefined) return noSuchContainer;
        container.server = this.#serveBehind(container.port);
        return answer(204);
      case "inspect":
        return container === undefined
          ? noSuchContainer
          : answer(200, { State: { Running: true, ExitCode: 0 } });
      case "logs":
        return answer(200, "");
      case "remove":
        container?.server?.close();
        return this.containers.delete(name) ? answer(204) : noSuchContainer;
    }
  }

  #create(line: string, body: Buffer): Serve {
    const [, name = ""] = /[?&]name=([^&]+)/.exec(line) ?? [];
    const { HostConfig } = JSON.parse(body.toString("utf8")) as {
      HostConfig: { PortBindings: Record<string, { HostPort: string }[]> };
    };
    const [bindings = []] = Object.values(HostConfig.PortBindings);
    const port = Number(bindings[0]?.HostPort);
    this.containers.set(name, { server: null, port });
    return answer(201, { Id: name, Warnings: [] });
  }

  #serveBehind(port: number): Server | null {
    if (this.#behind === null) return null;
    const [host = "", behind = ""] = this.#behind.split(":");
    const server = createServer((client) => {
      const target = connect(Number(behind), host);
      for (const [one, other] of [
        [client, target],
        [target, client],
      ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
        one.pipe(other);
      }
    });
    return server.listen(port, "127.0.0.1");
  }
}

const noSuchContainer = answer(404, { message: "No such container" });

/** Answers with JSON, or with text. */
export function answer(status: number, body?: object | string): Serve {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "object" ? `${JSON.stringify(body)}\n` : body);
  };
}

/** Takes the request and never answers. */
export const hang: Serve = () => undefined;

/** Begins its answer with some lines, and never ends it. */
export function drip(...lines: readonly object[]): Serve {
  return (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
  };
}
