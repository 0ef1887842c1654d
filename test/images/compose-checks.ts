import { portOf, type Compose } from "./compose.ts";
import type { Engine } from "./engine.ts";
import { serviceImages } from "./names.ts";
import * as prometheus from "./prometheus.ts";
import { eventually, expectThat, type Report } from "./report.ts";
import { signalScript } from "./signal-script.ts";

const RECORDS = 20_000;
const UP_WITHIN_S = 240;
const DRAINED_WITHIN_MS = 180_000;
const SOON_MS = 90_000;

const page = `http://127.0.0.1:${portOf("pod")}`;

/** The sum of a metric over its labels. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${page}/metrics`)).text();
  return text
    .split("\n")
    .filter(
      (line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `),
    )
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

const published = () => metric("sell_kafka_events_published_total");
const acknowledged = () => metric("sell_kafka_acks_confirmed_total");

async function readiness(): Promise<number> {
  return (await fetch(`${page}/readyz`)).status;
}

/** Null once the connector is ready, and has acknowledged more than that. */
async function notPast(count: number): Promise<string | null> {
  const [status, acks] = [await readiness(), await acknowledged()];
  if (status !== 200) return `/readyz answers ${status}`;
  return acks > count ? null : `${acks} keys are acknowledged`;
}

/** Runs compose's services, and what an operator does to them. */
export async function checkCompose(
  engine: Engine,
  compose: Compose,
  images: ReadonlySet<string>,
  report: Report,
  whileItRuns: () => Promise<void>,
): Promise<void> {
  const others = Object.entries(serviceImages)
    .filter(([, image]) => images.has(image))
    .map(([service]) => service);
  const names = ["pod", "simulator", "connector", ...others];
  report.step(`compose, with ${names.join(", ")}:`);
  await report.check(
    "comes up by `docker compose up --build`, each service healthy",
    async () => {
      const up = ["up", "--build", "--detach", "--wait"];
      await compose.run(...up, "--wait-timeout", String(UP_WITHIN_S), ...names);
      return undefined;
    },
  );
  await report.check(
    `drains ${RECORDS} records and acknowledges each`,
    async () => {
      await eventually(DRAINED_WITHIN_MS, async () => {
        const keys = await acknowledged();
        return keys >= RECORDS ? null : `${keys} keys are acknowledged`;
      });
      return `${await published()} published`;
    },
  );
  await checkOperations(compose, report);
  await checkEnds(compose, report);
  await checkOutages(compose, report);
  await whileItRuns();
  await report.check(
    "leaves nothing behind after `docker compose down`",
    async () => {
      await compose.run("down", "--volumes", "--timeout", "45");
      const filter = [
        "--filter",
        "label=com.docker.compose.project=sell-kafka-images",
      ];
      const left = await engine.docker("ps", "--all", "--quiet", ...filter);
      const networks = await engine.docker(
        "network",
        "ls",
        "--quiet",
        ...filter,
      );
      expectThat(
        left === "" && networks === "",
        `${left} ${networks} are left`,
      );
      return undefined;
    },
  );
}

async function checkOperations(
  compose: Compose,
  report: Report,
): Promise<void> {
  await report.check(
    "Prometheus has the rules, scrapes the connector, and no alert is there",
    () => prometheus.checkQuiet(),
  );
  await report.check(
    "the connector's root file system can't be written to, and /tmp can",
    async () => {
      const write = (path: string) =>
        compose.try(
          ...["exec", "-T", "connector", "node", "-e"],
          `require("fs").writeFileSync("${path}", "x")`,
        );
      expectThat((await write("/app/x")).code !== 0, "/app can be written to");
      const { code, output } = await write("/tmp/x");
      expectThat(code === 0, output);
      return undefined;
    },
  );
  await report.check(
    "`sell-kafka check` in the connector's container ends with 0",
    async () => {
      await compose.run("exec", "-T", "connector", "sell-kafka", "check");
      return undefined;
    },
  );
  await report.check(
    "`sell-kafka audit` in it reads both sides to the end",
    async () => {
      const { code, stdout, output } = await compose.try(
        ...["exec", "-T", "connector", "sell-kafka", "audit", "--json"],
        ...["--requests-per-second", "1000"],
      );
      // Changes go on meanwhile, so that it may find one that is on its way.
      const { result } = JSON.parse(stdout || "{}") as { result?: string };
      expectThat(
        code === 0 || (code === 1 && result !== undefined),
        output.slice(-400),
      );
      return `exit code ${code}, ${result ?? "?"}`;
    },
  );
}

async function checkEnds(compose: Compose, report: Report): Promise<void> {
  const goesOn = async () => {
    const before = await acknowledged();
    await eventually(SOON_MS, () => notPast(before));
  };
  const comesBack = async () => {
    await eventually(SOON_MS, () =>
      compose.notHealthy(["pod", "simulator", "connector"]),
    );
    await eventually(SOON_MS, () => notPast(0));
    await goesOn();
    return undefined;
  };
  await report.check("goes on after a restart of the simulator", async () => {
    await compose.run("restart", "simulator");
    return comesBack();
  });
  await report.check(
    "goes on after the simulator is killed: it starts again by itself",
    async () => {
      const before = await acknowledged();
      await killMain(compose, "simulator");
      // It has forgotten its changes, so the connector may hold back what is older: it is not ready.
      await eventually(SOON_MS, async () => {
        const keys = await acknowledged();
        return keys > before ? null : `${keys} keys are acknowledged`;
      });
      return undefined;
    },
  );
  await report.check(
    "goes on after a restart of the pod, whose network the two share",
    async () => {
      await compose.run("restart", "pod");
      return comesBack();
    },
  );
  await report.check(
    "goes on after the connector is killed: it starts again by itself",
    async () => {
      await killMain(compose, "connector");
      return comesBack();
    },
  );
  await report.check(
    "the connector ends with 0 when it is stopped, and Prometheus tells that it is gone",
    async () => {
      await compose.run("stop", "connector");
      const code = await compose.inspect("connector", "{{.State.ExitCode}}");
      expectThat(code === "0", `it ended with ${code}`);
      const alert = await prometheus.waitForAlert("SellKafkaGone", SOON_MS);
      await compose.run("start", "connector");
      await comesBack();
      return alert;
    },
  );
}

/** Kills the program within a container, so that its restart policy acts: a kill by the engine counts as a stop. */
async function killMain(compose: Compose, service: string): Promise<void> {
  const starts = "{{.State.StartedAt}}";
  const before = await compose.inspect(service, starts);
  const kill = signalScript("SIGKILL");
  await compose.try("exec", "-T", service, "node", "-e", kill);
  await eventually(SOON_MS, async () => {
    const isNew = (await compose.inspect(service, starts)) !== before;
    return isNew ? null : `${service} did not start again`;
  });
}

async function checkOutages(compose: Compose, report: Report): Promise<void> {
  for (const service of ["kafka", "registry"])
    await report.check(
      `is not ready while ${service} is stopped, stays healthy, and goes on by itself`,
      async () => {
        await compose.run("stop", service);
        await eventually(SOON_MS, async () => {
          const status = await readiness();
          return status === 503 ? null : `/readyz answers ${status}`;
        });
        expectThat(
          (await compose.notHealthy(["connector"])) === null,
          "it is not healthy",
        );
        const before = await acknowledged();
        await compose.run("start", service);
        await eventually(2 * SOON_MS, () => notPast(before));
        return undefined;
      },
    );
}
