import { parse } from "yaml";
import { readDocument } from "../support/documents/markdown.ts";
import { run, type Ended } from "./command.ts";
import type { Engine } from "./engine.ts";

const PROJECT = "sell-kafka-images";
/** The oldest minor version of compose 2 whose `depends_on` knows `restart`. */
const OLDEST_MINOR = 17;

const { services } = parse(readDocument("docker-compose.yml")) as {
  services: Readonly<Record<string, { readonly ports?: readonly string[] }>>;
};

/** The project of docker-compose.yml, under a name of its own. */
export class Compose {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Null when there is a compose that can run the project; else why not. */
  async problem(): Promise<string | null> {
    const { stdout } = await this.#engine.try([
      "compose",
      "version",
      "--short",
    ]);
    const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
    const isNew =
      Number(major) > 2 ||
      (Number(major) === 2 && Number(minor) >= OLDEST_MINOR);
    return isNew
      ? null
      : `there is no docker compose 2.${OLDEST_MINOR} or newer`;
  }

  /** Runs compose; rejects unless it succeeds. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, output, stdout } = await this.try(...args);
    if (code === 0) return stdout.trim();
    throw new Error(
      `compose ${args.join(" ")} ended with ${String(code)}:\n${output.trim().split("\n").slice(-12).join("\n")}`,
    );
  }

  /** Runs compose, whatever its exit code. */
  try(...args: readonly string[]): Promise<Ended> {
    return run(["docker", "compose", "--project-name", PROJECT, ...args], {
      env: this.#engine.env,
    });
  }

  async idOf(service: string): Promise<string> {
    return this.run("ps", "--all", "--quiet", service);
  }

  /** What the engine knows of a service's container, in a format of `docker inspect`. */
  async inspect(service: string, format: string): Promise<string> {
    const id = await this.idOf(service);
    return this.#engine.docker("inspect", "--format", format, id);
  }

  /** Null once these services run and are healthy, as far as they tell it. */
  async notHealthy(names: readonly string[]): Promise<string | null> {
    for (const name of names) {
      const status = await this.inspect(
        name,
        "{{.State.Status}} {{with .State.Health}}{{.Status}}{{else}}healthy{{end}}",
      );
      if (status !== "running healthy") return `${name} is ${status}`;
    }
    return null;
  }
}

/** The first port of this machine that these services publish. */
export function portOf(service: string): number {
  const [port = ""] = services[service]?.ports ?? [];
  return Number(port.split(":")[1]);
}
