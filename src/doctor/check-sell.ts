import { randomUUID } from "node:crypto";
import type { AppContext } from "../app/app-context.ts";
import type { Finding, Report } from "./topic-findings.ts";
import type { Probe } from "../sell/probe.ts";
import { reason, within } from "./check-patience.ts";

/** A token that nobody has, by which Sell is told from a server that answers everybody alike. */
const NO_TOKEN = "0".repeat(64);

/** Whether Sell answers, and takes the token. Starts no session, and has nothing handed out. */
export async function checkSell(
  app: AppContext,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const what = `Sell at ${app.config.sell.baseUrl}`;
  const { status, message: told } = await sellFinding(app, stopping);
  const message = told.replace(`${what} `, "");
  await report({ status, what, message });
}

async function sellFinding(
  app: AppContext,
  stopping: AbortSignal,
): Promise<Omit<Finding, "what">> {
  const ok = {
    status: "ok",
    message: "was reached, and accepts the access token",
  } as const;
  try {
    const { accessToken } = app.config.sell;
    const answer = await probe(app, accessToken, stopping);
    if (answer.likeness === "sell") return ok;
    if (answer.likeness === "refused")
      return { status: "failed", message: answer.said };
    if (answer.likeness === "bare") {
      const { likeness, status } = await probe(app, NO_TOKEN, stopping);
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

async function probe(
  app: AppContext,
  accessToken: string,
  stopping: AbortSignal,
): Promise<Probe> {
  const client = app.openSellClient(randomUUID(), { accessToken });
  try {
    return await client.probe(within(stopping));
  } catch (error) {
    throw new Error(reason(error, client.via), { cause: error });
  }
}
