import type { Config } from "../../../src/config/definition/config.ts";
import { parseConfig } from "../../../src/config/load-config.ts";
import { observers } from "../../../src/domain/observer.ts";
import { DrainLog } from "../../../src/observe/log/drain-log.ts";
import { LogObserver } from "../../../src/observe/log/log-observer.ts";
import { createLogger } from "../../../src/observe/log/logger.ts";
import { TroubleLog } from "../../../src/observe/log/trouble-log.ts";
import { ConnectorTroubles } from "../../../src/observe/troubles/connector-troubles.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import { FakeClock } from "../clocks/fake-clock.ts";
import { PassThrough } from "node:stream";

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export async function configWith(settings: object = {}): Promise<Config> {
  const text = JSON.stringify({
    name: "crm",
    sell: { accessToken: "0".repeat(64) },
    kafka: { brokers: ["localhost:9092"] },
    ...settings,
  });
  return parseConfig(text, "a test", {});
}

/** The troubles of a connector that logs nothing. */
export function silentTroubles(
  config: Config,
  clock: Clock,
): ConnectorTroubles {
  const nothing = () => undefined;
  const teller = { lasts: nothing, over: nothing };
  return new ConnectorTroubles({ config, clock, toKafka: true, teller });
}

/** The troubles and the log of a connector, fed by events, on a clock of the test's. */
export async function watched(
  settings: object = {},
  { isOneDrain = false, toKafka = true } = {},
) {
  const clock = new FakeClock();
  const config = await configWith(settings);
  const stream = new PassThrough();
  const logger = createLogger("info", Object.assign(stream, { isTTY: false }));
  const teller = new TroubleLog({ logger, clock, isOneDrain });
  const troubles = new ConnectorTroubles({ config, clock, toKafka, teller });
  return {
    clock,
    config,
    troubles,
    observer: observers(
      new LogObserver(logger),
      new DrainLog(logger, clock),
      troubles.observer,
    ),
    codes: () => troubles.list().map(({ code }) => code),
    /** The lines since the last call. */
    lines: (): LogLine[] => {
      const text = (stream.read() as Buffer | null) ?? "";
      return String(text)
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as LogLine);
    },
  };
}

export type Watched = Awaited<ReturnType<typeof watched>>;
