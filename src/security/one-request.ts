import {
  DeniedFault,
  UnavailableFault,
  type DenyingServer,
} from "../domain/faults.ts";
import { abortable } from "../lib/abortable.ts";
import { reasonOf } from "../lib/text/reason-of.ts";
import { boundedText } from "./bounded-text.ts";
import { routeTo, type Proxies } from "./proxies.ts";
import { tlsTroubleOf } from "./tls-trouble.ts";
import { excerptOf, withoutSecrets } from "./without-secrets.ts";

/** A server that gives out tokens or credentials, a few in an hour. */
export interface AskedServer {
  readonly kind: DenyingServer;
  /** How messages name it, with the setting that holds its address. */
  readonly name: string;
  readonly proxies: Proxies;
  /** Bounds one request, up to the end of its answer. */
  readonly timeoutMs: number;
  /** Texts that no message about the server may show. */
  readonly secrets: readonly string[];
}

interface Sent {
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}

const MOST_BYTES = 100_000;

/**
 * Sends one request on a connection of its own, and returns the answer, whatever its status. No
 * redirect is followed. Rejects with a DeniedFault or UnavailableFault that names the server.
 */
export async function askOnce(
  url: string,
  { method, headers, body: sent }: Sent,
  server: AskedServer,
): Promise<Answered> {
  const { proxies, timeoutMs } = server;
  const route = routeTo(url, proxies, {
    secured: { rejectUnauthorized: true },
    connectTimeout: timeoutMs,
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const options = { method, headers, body: sent ?? null, signal };
    const asked = route.request(url, options);
    const { statusCode, body } = await abortable(asked, signal);
    return { status: statusCode, body: await boundedText(body, MOST_BYTES) };
  } catch (cause) {
    const refusal = route.refusal(cause);
    const said = signal.aborted
      ? `no answer within ${timeoutMs / 1_000} s`
      : reasonOf(cause);
    const reason = route.hide(refusal?.message ?? said);
    throw faultOf(cause, refusal?.isLasting === true, reason, {
      ...server,
      name: `${server.name}${route.via}`,
    });
  } finally {
    void route[Symbol.asyncDispose]();
  }
}

function faultOf(
  cause: unknown,
  isLasting: boolean,
  reason: string,
  { kind, name, secrets }: AskedServer,
): Error {
  const trouble = tlsTroubleOf(cause, null);
  if (isLasting)
    return new DeniedFault(kind, `${name} can't be reached: ${reason}`);
  if (trouble !== null)
    return new DeniedFault(kind, `${name} ${withoutSecrets(trouble, secrets)}`);
  return new UnavailableFault(
    `${name} can't be reached: ${excerptOf(reason, secrets)}`,
  );
}

/** The members of a JSON object; none for any other text. */
export function membersIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null
      ? (answer as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
