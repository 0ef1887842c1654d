import type { Logger } from "pino";
import type { Connector } from "../../app/connector.ts";
import { Backoff } from "../../lib/backoff.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Signals } from "../../pipeline/drain-session.ts";
import { DeniedFault } from "../../domain/faults.ts";
import { DENIED_WAIT } from "../../pipeline/poller.ts";
import type { Context } from "../context.ts";
import {
  connect,
  ShutdownTimeout,
  type DrainFlags,
  type Parts,
} from "../drains.ts";

/** Drains Sell again and again until `stopping`. Being stopped is a success; rejects when it can't go on. */
export async function runConnector(
  flags: DrainFlags,
  context: Pick<Context, "stdout">,
  parts: Parts,
  signals: Signals,
): Promise<void> {
  const { logger } = parts;
  try {
    await using connector = await untilAllowed(parts, signals, () =>
      connect(flags, context, parts, signals),
    );
    await connector.poll(signals);
    logger.info("stopped");
  } catch (error) {
    if (!signals.stopping.aborted) throw error;
    if (error instanceof ShutdownTimeout) logger.warn(error.message);
    else if (!isReason(error, signals)) throw error;
  }
}

function isReason(error: unknown, { stopping, givingUp }: Signals): boolean {
  return error === stopping.reason || error === givingUp.reason;
}

/** A daemon that is refused at its start waits for somebody to mend that; so does one that is refused later. */
async function untilAllowed(
  { logger, observer }: { logger: Logger; observer: Parts["observer"] },
  { stopping }: Signals,
  connectOnce: () => Promise<Connector>,
): Promise<Connector> {
  const waits = new Backoff(systemClock, DENIED_WAIT);
  for (;;) {
    try {
      return await connectOnce();
    } catch (error) {
      if (!(error instanceof DeniedFault)) throw error;
      observer.notReached("kafka", error);
      logger.error({ reason: error.message }, "connection refused");
      await waits.failed(stopping);
    }
  }
}
