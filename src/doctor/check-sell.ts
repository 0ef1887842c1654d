import { randomUUID } from "node:crypto";
import type { Config } from "../config/definition/config.ts";
import type { Finding } from "./topic-findings.ts";
import { sellClientOf } from "../app/parts.ts";
import { systemClock } from "../lib/clock.ts";
import type { Probe } from "../sell/probe.ts";
import { version } from "../version.ts";
import { reason, within } from "./check-patience.ts";
import type { Findings } from "../cli/findings.ts";

/** A token that nobody has, by which Sell is told from a server that answers everybody alike. */
const NO_TOKEN = "0".repeat(64);

/** Whether Sell answers, and takes the token. Starts no session, and has nothing handed out. */
export async function checkSell(
  config: Config,
  report: Findings["report"],
  stopping: AbortSignal,
): Promise<void> {
  const what = `Sell at ${config.sell.baseUrl}`;
  const { status, message: told } = await sellFinding(config, stopping);
  const message = told.replace(`${what} `, "");
  await report({ status, what, message });
}

async function sellFinding(
  config: Config,
  stopping: AbortSignal,
): Promise<Omit<Finding, "what">> {
  const ok = {
    status: "ok",
    message: "was reached, and accepts the access token",
  } as const;
  try {
    const answer = await probe(config, stopping);
    if (answer.likeness === "sell") return ok;
    if (answer.likeness === "refused")
      return { status: "failed", message: answer.said };
    if (answer.likeness === "bare") {
      const sell = { ...config.sell, accessToken: NO_TOKEN };
      const { likeness, status } = await probe({ ...config, sell }, stopping);
      const isAccepted = answer.status !== 401 && answer.status !== 403;
      if (likeness === "refused" && status === 401 && isAccepted) return ok;
    }
    return { status: "failed", message: otherThan(answer) };
  } catch (error) {
    return { status: "failed", message: reason(error) };
  }
}

function otherThan({ status, kind }: Probe): string {
  const login =
    status === 401 || status === 403
      ? "; a proxy or gateway that wants a login of its own may be in between"
      : "";
  return `this is not Sell's Sync API: it answered ${status} with ${kind}, where Sell refuses an unknown session by an error of its own; set sell.baseUrl to the address of Sell's API, which is https://api.getbase.com${login}`;
}

async function probe(config: Config, stopping: AbortSignal): Promise<Probe> {
  await using client = sellClientOf(
    config,
    randomUUID(),
    version,
    systemClock,
    () => undefined,
  );
  try {
    return await client.probe(within(stopping));
  } catch (error) {
    throw new Error(reason(error, client.via), { cause: error });
  }
}
