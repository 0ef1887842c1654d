import { randomUUID } from "node:crypto";
import type { AppContext } from "../app/context/app-context.ts";
import type { Probe } from "../sell/probe.ts";
import { failed, ok, type Finding, type Report } from "./finding.ts";
import { failureReason, withinLimit } from "./time-limit.ts";

/** A token that nobody has: Sell refuses it, where another server may accept every token. */
const NO_TOKEN = "0".repeat(64);

/** Checks that Sell answers and accepts the token. Starts no session, and takes nothing from a queue. */
export async function checkSell(
  app: AppContext,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  const what = `Sell at ${app.config.sell.baseUrl}`;
  const finding = await sellFinding(what, app, stopping);
  const message = finding.message.replace(`${what} `, "");
  await report({ ...finding, message });
}

async function sellFinding(
  what: string,
  app: AppContext,
  stopping: AbortSignal,
): Promise<Finding> {
  const accepted = ok(what, "was reached, and accepts the access token");
  try {
    const answer = await probe(app, app.config.sell.accessToken, stopping);
    switch (answer.likeness) {
      case "sell":
        return accepted;
      case "refused":
        return failed(what, answer.said);
      case "bare":
        return (await isSellWithoutBody(answer, app, stopping))
          ? accepted
          : failed(what, otherServer(answer));
      case "other":
        return failed(what, otherServer(answer));
    }
  } catch (error) {
    return failed(what, failureReason(error));
  }
}

/** An answer without a body is Sell's when a wrong token is refused at the same address. */
async function isSellWithoutBody(
  { status }: Probe,
  app: AppContext,
  stopping: AbortSignal,
): Promise<boolean> {
  const refusal = await probe(app, NO_TOKEN, stopping);
  return (
    refusal.likeness === "refused" &&
    refusal.status === 401 &&
    status !== 401 &&
    status !== 403
  );
}

function otherServer({ status, kind }: Probe): string {
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
    return await client.probe(withinLimit(stopping));
  } catch (error) {
    throw new Error(failureReason(error, client.via), { cause: error });
  }
}
