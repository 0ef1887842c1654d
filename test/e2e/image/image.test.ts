// The project's own image drains Sell into Kafka; skipped without a Docker engine or its base image.
import { setTimeout as delay } from "node:timers/promises";
import {
  GenericContainer,
  getContainerRuntimeClient,
  Wait,
  type ContainerRuntimeClient,
} from "testcontainers";
import { describe, expect, it } from "vitest";
import { freePort } from "../../../src/local/free-port.ts";
import { Simulator } from "../../../src/simulator/server.ts";
import { NODE_IMAGE } from "../../images/names.ts";
import { placeOf } from "../../support/documents/markdown.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import { TOKEN, trialOf } from "../../support/process/connector.ts";

const PULLS_WITHIN_MS = 120_000;
const BUILDS_WITHIN_MS = 600_000;
const RECORDS = 300;

// The test removes its container itself: the reaper's image may not be here.
process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";

const client = await findEngine();

async function findEngine(): Promise<ContainerRuntimeClient | null> {
  // The container shares the network of this machine, which only Linux has.
  if (servers === null || process.platform !== "linux") return null;
  try {
    const found = await getContainerRuntimeClient();
    if (await hasBase(found)) return found;
    skipped(`${NODE_IMAGE} is not here and can't be pulled`);
  } catch {
    skipped("no Docker engine answers");
  }
  return null;
}

function skipped(reason: string): void {
  process.stderr.write(`The image is not tested: ${reason}.\n`);
}

async function hasBase({ container }: ContainerRuntimeClient) {
  const docker = container.dockerode;
  const isHere = () =>
    docker
      .getImage(NODE_IMAGE)
      .inspect()
      .then(() => true)
      .catch(() => false);
  if (await isHere()) return true;
  const late = AbortSignal.timeout(PULLS_WITHIN_MS);
  try {
    await docker.pull(NODE_IMAGE, { abortSignal: late });
    while (!(await isHere())) await delay(500, null, { signal: late });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(client === null)("the image", () => {
  it(
    "drains Sell as any user, without rights, is healthy, and ends with 0",
    { timeout: BUILDS_WITHIN_MS },
    async () => {
      const image = await GenericContainer.fromDockerfile(placeOf(".")).build(
        "sell-kafka:test",
        { deleteOnExit: false },
      );
      await using simulator = await Simulator.start({ records: RECORDS });
      await using trial = await trialOf(simulator.url, {
        server: { port: await freePort() },
      });
      const container = await image
        .withNetworkMode("host")
        .withUser("1234567:0")
        .withDroppedCapabilities("ALL")
        .withBindMounts([
          {
            source: trial.configPath,
            target: "/config/connector.config.json",
            mode: "ro",
          },
        ])
        .withEnvironment({ TOKEN })
        .withHealthCheck({
          test: ["CMD", "node", "/app/dist/healthcheck.js"],
          interval: 1_000,
          timeout: 5_000,
          retries: 30,
        })
        .withWaitStrategy(Wait.forHealthCheck())
        .start();
      const docker = client?.container.dockerode.getContainer(
        container.getId(),
      );
      try {
        await expect
          .poll(() =>
            Object.values(simulator.state().devices).map(
              ({ acknowledged }) => acknowledged,
            ),
          )
          .toEqual([RECORDS]);
        expect(await readTopics(trial.owns)).toHaveLength(RECORDS);
        await docker?.stop({ t: 45 });
        expect((await docker?.inspect())?.State).toMatchObject({
          ExitCode: 0,
          OOMKilled: false,
        });
      } finally {
        await docker?.remove({ force: true });
      }
    },
  );
});
