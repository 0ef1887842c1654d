import type { ContainerRuntimeClient } from "testcontainers";
import { z } from "zod";
import { memberOf } from "../../lib/foreign-members.ts";
import { engineAddress, type EngineAddress } from "./remove-container.ts";
import { step, type Starting } from "../step.ts";

type Dockerode = ContainerRuntimeClient["container"]["dockerode"];

/** A Docker engine that has answered. */
export interface Engine {
  readonly docker: Dockerode;
  readonly address: EngineAddress;
  /** Where the ports of its containers are, seen from here. */
  readonly host: string;
}

/** Loading the client alone takes seconds on a busy machine. */
const FIND_WITHIN_MS = 15_000;

/** Rejects when the machine has no engine, or one that does not answer. */
export async function findEngine(
  starting: Starting,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Engine> {
  const address = env["DOCKER_HOST"] ?? "";
  const place = address === "" ? "" : ` at ${address} (DOCKER_HOST)`;
  return step(
    starting,
    { what: `asking the Docker engine${place}`, idleMs: FIND_WITHIN_MS },
    () => connect(place),
  );
}

export async function hasImage(
  { docker }: Engine,
  image: string,
): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Whether a container runs, and how it ended. */
export async function stateOf(
  { docker }: Engine,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly isRunning: boolean; readonly exitCode: number }> {
  const answer: unknown = await docker
    .getContainer(name)
    .inspect({ abortSignal: signal });
  const { State } = containerAnswer.parse(answer);
  return { isRunning: State.Running, exitCode: State.ExitCode };
}

const containerAnswer = z.object({
  State: z.object({ Running: z.boolean(), ExitCode: z.int() }),
});

async function connect(place: string): Promise<Engine> {
  const { getContainerRuntimeClient } = await loadTestcontainers();
  try {
    const { container, info } = await getContainerRuntimeClient();
    const { host } = info.containerRuntime;
    const docker = container.dockerode;
    return {
      docker,
      address: addressIn(docker.modem),
      host: host === "localhost" ? "127.0.0.1" : host,
    };
  } catch (cause) {
    throw new Error(`no Docker engine answers${place}`, { cause });
  }
}

/** Reads the address from Docker's client, which holds undefined for what does not apply. */
function addressIn(client: object): EngineAddress {
  const held = Object.entries(client).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return engineAddress.parse(Object.fromEntries(held));
}

async function loadTestcontainers() {
  try {
    return await import("testcontainers");
  } catch (cause) {
    throw new Error("Testcontainers is not installed, which Docker needs", {
      cause,
    });
  }
}

function isMissing(error: unknown): boolean {
  return memberOf(error, "statusCode") === 404;
}
