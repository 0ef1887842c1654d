import type { Signals } from "../pipeline/drain-session.ts";
import type { AppContext } from "./context/app-context.ts";

/** What was held could not be published and acknowledged in the time given for it. */
export class ShutdownTimeout extends Error {
  override readonly name = "ShutdownTimeout";
}

/** Asked to stop, a command finishes what it holds, but for no longer than `shutdownTimeoutMs`. */
export function shutdownSignals(
  { config, logger }: Pick<AppContext, "config" | "logger">,
  stopping: AbortSignal,
  ...givingUp: readonly AbortSignal[]
): Signals {
  const { shutdownTimeoutMs } = config.delivery;
  const late = new AbortController();
  const startTimer = () => {
    logger.info(
      { shutdownTimeoutMs },
      "stopping once what is held is published and acknowledged; a second signal ends at once",
    );
    setTimeout(() => {
      late.abort(
        new ShutdownTimeout(
          `what was held could not be published and acknowledged within ${shutdownTimeoutMs} ms (delivery.shutdownTimeoutMs); Sell sends it again`,
        ),
      );
    }, shutdownTimeoutMs).unref();
  };
  if (stopping.aborted) startTimer();
  else stopping.addEventListener("abort", startTimer, { once: true });
  return { stopping, givingUp: AbortSignal.any([...givingUp, late.signal]) };
}
