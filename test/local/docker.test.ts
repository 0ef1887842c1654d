// Whatever a Docker engine does wrong ends in bounded time, with one line that names the image and the reason.
import { existsSync } from "node:fs";
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  vi,
} from "vitest";
import { startKafkaContainer } from "../../src/local/docker.ts";
import {
  findEngine,
  type Engine,
} from "../../src/local/engine/docker-engine.ts";
import type { Starting } from "../../src/local/step.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";
import {
  answer,
  drip,
  FakeEngine,
  hang,
  type Call,
} from "../support/docker/fake-engine.ts";
import type { Serve } from "../support/http/local-server.ts";
import { sellKafka } from "../support/process/command.ts";

const IMAGE = "apache/kafka:4.1.0";

let fake: FakeEngine;
let engine: Engine;

function watched(signal = new AbortController().signal) {
  const clock = new FakeClock();
  const waited: string[] = [];
  const starting: Starting = {
    say: () => undefined,
    waiting: (text) => waited.push(text),
    signal,
    clock,
  };
  return { starting, clock, waited };
}

beforeAll(async () => {
  fake = await FakeEngine.start();
  vi.stubEnv("DOCKER_HOST", fake.address);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await fake[Symbol.asyncDispose]();
});

beforeEach(() => {
  fake.forget();
});

/** Why a container does not start; time passes once the engine was asked the last of `calls`. */
async function failure(
  faults: Partial<Record<Call, Serve>>,
  after?: Call,
): Promise<string> {
  fake.faults = faults;
  const { starting, clock } = watched();
  const started = startKafkaContainer({ engine, starting });
  started.catch(() => undefined);
  if (after !== undefined) {
    await fake.wasAsked(after);
    await clock.advance(120_000);
  }
  const error: unknown = await started.then(
    () => new Error("it started"),
    (reason: unknown) => reason,
  );
  expect(fake.containers.size).toBe(0);
  return (error as Error).message;
}

describe("a Docker engine", () => {
  it("that never answers is given up, and told before", async () => {
    fake.faults = { info: hang };
    const { starting, clock, waited } = watched();
    const found = findEngine(starting, { DOCKER_HOST: fake.address });
    found.catch(() => undefined);
    await fake.wasAsked("info");
    await clock.advance(20_000);
    await expect(found).rejects.toThrow(
      `asking the Docker engine at ${fake.address} (DOCKER_HOST) made no progress for 15 s`,
    );
    expect(waited[0]).toBe(
      `asking the Docker engine at ${fake.address} (DOCKER_HOST) (1 s)`,
    );
    expect(waited).toHaveLength(14);
  });

  it.skipIf(existsSync("/var/run/docker.sock"))(
    "that does not say what it is, is told with the image",
    async () => {
      fake.faults = { info: answer(500, { message: "broken" }) };
      const { exitCode, stderr } = await sellKafka([
        "demo",
        "--kafka",
        "docker",
      ]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(
        `\ndemo: Docker can't be used: ${IMAGE} does not run: no Docker engine answers\n`,
      );
    },
  );

  it("is found", async () => {
    engine = await findEngine(watched().starting, {});
    expect(engine.host).toBe("127.0.0.1");
  });

  it.each<[string, Partial<Record<Call, Serve>>, string]>([
    [
      "can't pull",
      {
        pull: answer(500, {
          message: "Get https://registry-1.docker.io/v2/: no route to host",
        }),
      },
      `pulling ${IMAGE} failed: (HTTP code 500) server error - Get https://registry-1.docker.io/v2/: no route to host`,
    ],
    [
      "says in the middle of a pull that the disk is full",
      {
        pull: drip(
          { status: "Downloading", id: "a" },
          { error: "write /var/lib/docker/tmp/x: no space left on device" },
        ),
      },
      `pulling ${IMAGE} failed: write /var/lib/docker/tmp/x: no space left on device`,
    ],
    [
      "answers a pull with no JSON",
      { pull: answer(200, "<html>\n  gateway\n") },
      `pulling ${IMAGE} failed: the engine answers <html>`,
    ],
    [
      "knows no such image",
      { pull: answer(404, { message: "manifest unknown" }) },
      `pulling ${IMAGE} failed: (HTTP code 404)`,
    ],
    [
      "can't look for images",
      { image: answer(500, { message: "broken" }) },
      `${IMAGE} does not run: (HTTP code 500) server error - broken`,
    ],
    [
      "can't create a container",
      { create: answer(507, { message: "no space left on device" }) },
      `${IMAGE} does not run: (HTTP code 507)`,
    ],
    [
      "can't bind the port",
      {
        start: answer(500, {
          message:
            "driver failed programming external connectivity:\nport is already allocated",
        }),
      },
      `${IMAGE} does not run: (HTTP code 500) server error - driver failed programming external connectivity: port is already allocated`,
    ],
    [
      "runs a container that ends at once",
      {
        inspect: answer(200, { State: { Running: false, ExitCode: 1 } }),
        logs: answer(
          200,
          "===> User\nERROR Exiting Kafka due to fatal exception\n  at x\n",
        ),
      },
      `${IMAGE} does not run: it ended with exit code 1: ERROR Exiting Kafka due to fatal exception`,
    ],
    [
      "says nothing of a container's state",
      { inspect: answer(200, {}) },
      `${IMAGE} does not run: `,
    ],
  ])("that %s is told in one line with the image", async (_, faults, words) => {
    const message = await failure(faults);
    expect(message).toContain(words);
    expect(message).not.toContain("\n");
    expect(message.length).toBeLessThan(400);
  });

  it.each<[string, Partial<Record<Call, Serve>>, Call, string]>([
    [
      "looks for the image",
      { image: hang },
      "image",
      `looking for ${IMAGE} made no progress for 10 s`,
    ],
    [
      "waits for a registry",
      { pull: hang },
      "pull",
      `pulling ${IMAGE} made no progress for 20 s`,
    ],
    [
      "repeats itself while it pulls",
      {
        pull: drip(
          { status: "Waiting", id: "a" },
          { status: "Waiting", id: "a" },
        ),
      },
      "pull",
      `pulling ${IMAGE} made no progress for 20 s`,
    ],
    [
      "creates a container",
      { create: hang },
      "create",
      `starting a container of ${IMAGE} made no progress for 30 s`,
    ],
    [
      "starts a container",
      { start: hang },
      "start",
      `starting a container of ${IMAGE} made no progress for 30 s`,
    ],
  ])("that hangs while it %s is given up", async (_, faults, after, words) => {
    expect(await failure(faults, after)).toContain(words);
  });

  it("that runs a container nobody can reach is given up", async () => {
    expect(await failure({}, "inspect")).toBe(
      `waiting until ${IMAGE} serves made no progress for 90 s`,
    );
    expect(fake.asked).toContain("remove");
  });

  it("tells how much of an image it has pulled", async () => {
    fake.faults = {
      pull: drip(
        {
          status: "Downloading",
          id: "a",
          progressDetail: { current: 3_000_000, total: 10_000_000 },
        },
        {
          status: "Downloading",
          id: "b",
          progressDetail: { current: 1_000_000, total: 20_000_000 },
        },
      ),
    };
    const stopping = new AbortController();
    const { starting, clock, waited } = watched(stopping.signal);
    const started = startKafkaContainer({ engine, starting });
    started.catch(() => undefined);
    await fake.wasAsked("pull");
    await expect
      .poll(async () => {
        await clock.advance(250);
        return waited.at(-1);
      })
      .toMatch(/^pulling apache\/kafka:4\.1\.0: 4 of 30 MB \(\d+ s\)$/);
    stopping.abort(new Error("stopped"));
    await expect(started).rejects.toThrow("stopped");
  });
});

describe("the demo in Docker", () => {
  const args = ["demo", "--kafka", "docker", "--records", "30"];

  it("ends with the reason when the image can't be pulled", async () => {
    fake.faults = { pull: answer(500, { message: "no route to host" }) };
    const { exitCode, stdout, stderr } = await sellKafka(args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `demo: Docker can't be used: pulling ${IMAGE} failed: (HTTP code 500) server error - no route to host`,
    );
  });

  it("ends with Ctrl-C while it waits for a container, which is removed", async () => {
    const stopping = new AbortController();
    const stopped = sellKafka(args, { stopping: stopping.signal });
    await fake.wasAsked("inspect");
    stopping.abort(new Error("stopped by SIGINT"));
    const { exitCode, stderr } = await stopped;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/\ndemo: stopped\n$/);
    expect(fake.containers.size).toBe(0);
  });
});
