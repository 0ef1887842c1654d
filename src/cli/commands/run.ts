import { isFolder } from "../../config/folder/config-folder.ts";
import { LogObserver } from "../../observe/log/log-observer.ts";
import { observers } from "../../domain/observer.ts";
import type { Context } from "../context.ts";
import {
  configOf,
  loggerOf,
  monitorOf,
  partsOf,
  signalsFor,
  type DrainFlags,
} from "../drains.ts";
import { runConnector } from "./run-connector.ts";
import { spanExportOf } from "../traces.ts";

/** Drains Sell again and again until the first signal. Being stopped is a success. */
export async function run(
  flags: DrainFlags,
  context: Context,
): Promise<number> {
  if (!(await isFolder(flags.config))) return runFile(flags, context);
  const { runFolder } = await import("./run-folder.ts");
  return runFolder(flags, context);
}

async function runFile(flags: DrainFlags, context: Context): Promise<number> {
  const config = await configOf(flags, context);
  const logger = loggerOf(flags, config, context);
  await using monitor = await monitorOf(flags, config, logger, context);
  await using spans = await spanExportOf(logger, context);
  const tracing = spans?.tracing(config.name) ?? null;
  const observer = observers(
    new LogObserver(logger),
    ...monitor.observers,
    tracing?.observer ?? {},
  );
  const signals = signalsFor(config, logger, context);
  const parts = partsOf(config, logger, observer, tracing);
  await runConnector(flags, context, parts, signals);
  return 0;
}
