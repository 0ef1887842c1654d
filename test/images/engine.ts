import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { must, run, type CommandOptions, type Ended } from "./command.ts";
import { eventually } from "./report.ts";

const STARTS_WITHIN_MS = 30_000;

/** A Docker engine. Its disposal ends it, and removes all that it kept, when this process started it. */
export class Engine implements AsyncDisposable {
  /** What the docker command needs to find it. */
  readonly env: NodeJS.ProcessEnv;
  readonly isOwn: boolean;
  readonly #end: () => Promise<void>;

  private constructor(
    env: NodeJS.ProcessEnv,
    isOwn: boolean,
    end: () => Promise<void>,
  ) {
    this.env = env;
    this.isOwn = isOwn;
    this.#end = end;
  }

  /** The engine that answers, or else one of its own, for which it must be root. A text says why there is none. */
  static async find(): Promise<Engine | string> {
    if ((await run(["docker", "--version"])).code !== 0)
      return "there is no docker command";
    if ((await run(["docker", "info"])).code === 0)
      return new Engine(process.env, false, () => Promise.resolve());
    if (process.getuid?.() !== 0)
      return "no Docker engine answers, and only root can start one";
    if ((await run(["dockerd", "--version"])).code !== 0)
      return "no Docker engine answers, and there is no dockerd to start one";
    return startEngine((env, end) => new Engine(env, true, end));
  }

  /** Runs docker; rejects unless it succeeds. */
  docker(...args: readonly string[]): Promise<string> {
    return must(["docker", ...args], { env: this.env });
  }

  /** Runs docker, whatever its exit code. */
  try(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    return run(["docker", ...args], { ...options, env: this.env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}

async function startEngine(
  create: (env: NodeJS.ProcessEnv, end: () => Promise<void>) => Engine,
): Promise<Engine | string> {
  const folder = await mkdtemp("/tmp/sell-kafka-engine-");
  // The rules of the firewall, and the bridge, are all that an engine leaves behind.
  const rules = await run(["iptables-save"]);
  const hadBridge = (await run(["ip", "link", "show", "docker0"])).code === 0;
  const host = `unix://${join(folder, "docker.sock")}`;
  const log = await open(join(folder, "log"), "w");
  const daemon = spawn(
    "dockerd",
    [
      ["--host", host],
      ["--data-root", join(folder, "data")],
      ["--exec-root", join(folder, "run")],
      ["--pidfile", join(folder, "pid")],
    ].flat(),
    { stdio: ["ignore", log.fd, log.fd] },
  );
  const ended = once(daemon, "exit");
  const env = { ...process.env, DOCKER_HOST: host };
  const end = async () => {
    daemon.kill("SIGTERM");
    await ended;
    await log.close();
    await rm(folder, { recursive: true, force: true });
    if (!hadBridge) await run(["ip", "link", "delete", "docker0"]);
    if (rules.code === 0)
      await run(["iptables-restore"], { input: rules.stdout });
  };
  try {
    await eventually(STARTS_WITHIN_MS, async () => {
      if (daemon.exitCode !== null) return "dockerd ended";
      const { code, output } = await run(["docker", "info"], { env });
      return code === 0 ? null : output;
    });
    return create(env, end);
  } catch {
    await end();
    return "no Docker engine answers, and dockerd does not start here";
  }
}
