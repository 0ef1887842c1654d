import { retry } from "../lib/retry.ts";
import type { Signals } from "../pipeline/drain-session.ts";
import { DeniedFault } from "../domain/faults.ts";
import { DENIED_WAIT } from "../pipeline/poller.ts";
import type { AppContext } from "./context/app-context.ts";
import { Connector, type ConnectorOptions } from "./connector.ts";
import { ShutdownTimeout } from "./shutdown.ts";

/** Drains Sell again and again until `stopping`. Being stopped is a success; rejects when it can't go on. */
export async function runConnector(
  app: AppContext,
  options: ConnectorOptions,
  signals: Signals,
): Promise<void> {
  const { logger } = app;
  try {
    await using connector = await connectWhenAllowed(app, options, signals);
    await connector.poll(signals);
  } catch (error) {
    if (!signals.stopping.aborted) throw error;
    if (error instanceof ShutdownTimeout) logger.warn(error.message);
    else if (!isReason(error, signals)) throw error;
  }
  logger.info("stopped");
}

function isReason(error: unknown, { stopping, givingUp }: Signals): boolean {
  return error === stopping.reason || error === givingUp.reason;
}

/** Connects; after a refusal by the brokers, waits and tries again until an operator has fixed the cause. */
async function connectWhenAllowed(
  app: AppContext,
  options: ConnectorOptions,
  { stopping, givingUp }: Signals,
): Promise<Connector> {
  const { clock } = app;
  const signal = AbortSignal.any([stopping, givingUp]);
  return retry(
    () => Connector.connect(app, options, signal),
    {
      clock,
      waits: DENIED_WAIT,
      isRetryable: (error) => error instanceof DeniedFault,
      failed: (error, _failures, waitMs) => {
        options.observer.notReached("kafka", error, waitMs);
      },
    },
    stopping,
  );
}
