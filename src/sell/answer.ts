import {
  AckRefusedFault,
  DeniedFault,
  SessionLostFault,
  ThrottledFault,
  UnavailableFault,
} from "../domain/faults.ts";
import type { RequestReport } from "../domain/observer.ts";
import { excerptOf } from "../security/without-secrets.ts";

/** A whole HTTP response of Sell, its body decompressed. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly body: Buffer;
}

/**
 * The fault that an answer stands for which is not the endpoint's success. Sell throttles with 429
 * (its body empty, HTML or JSON), with a 404 that names `/429.json`, and by some reports with 409.
 */
export function toFault(
  endpoint: RequestReport["endpoint"],
  address: string,
  answer: Answer,
  /** Texts that the message must not show. */
  secrets: readonly string[] = [],
): Error {
  const { status, body } = answer;
  const said = `Sell answered ${status} to ${address}${describe(body, secrets)}`;
  if (isThrottling(answer)) return new ThrottledFault(said);
  if (status >= 300 && status < 400)
    return new DeniedFault(
      "sell",
      `${said}: a redirect to ${excerptOf(answer.location ?? "nowhere", secrets)}, which is never followed; set sell.baseUrl to the address of the API itself`,
    );
  if (endpoint === "custom_fields" && (status === 401 || status === 403))
    return new DeniedFault(
      "sell",
      `${said}: the token may not read the definitions of custom fields; put a valid one with the "read" scope into sell.readToken`,
    );
  if (status === 401)
    return new DeniedFault(
      "sell",
      `${said}: the access token is wrong, expired, revoked, or not one for this address; put a valid one into sell.accessToken`,
    );
  if (status === 403)
    return new DeniedFault(
      "sell",
      `${said}: the access token may not use the Sync API; it needs the "sync" scope, the account a plan that includes it, and nothing between here and Sell may block the request`,
    );
  if (status >= 400 && status < 500 && status !== 408 && status !== 425) {
    if (endpoint === "queue") return new SessionLostFault(said);
    if (endpoint === "custom_fields")
      return new DeniedFault(
        "sell",
        `${said}: Sell tells no definitions of custom fields at this address`,
      );
    if (endpoint === "ack" && status !== 404) return new AckRefusedFault(said);
    return new DeniedFault(
      "sell",
      `${said}: this is not the Sync API as it is known; check sell.baseUrl, whether something in between answers in its place, and whether the account is active`,
    );
  }
  return new UnavailableFault(said);
}

export function isThrottling({ status, body }: Answer): boolean {
  return (
    status === 429 ||
    status === 409 ||
    (status === 404 && body.includes("/429.json"))
  );
}

const LONGEST_WAIT_MS = 3_600_000;

/** Parses a `Retry-After` header (seconds, or an HTTP date) to milliseconds from now; null without a valid one. */
export function retryAfterMs(
  header: string | undefined,
  nowMs: number,
): number | null {
  if (header === undefined || header.trim() === "") return null;
  const isSeconds = /^\s*\d+(\.\d+)?\s*$/.test(header);
  const waitMs = isSeconds
    ? Number(header) * 1_000
    : Date.parse(header) - nowMs;
  if (Number.isNaN(waitMs)) return null;
  return Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS);
}

/** The code and message of Sell's error envelope; empty when the body is none. */
function describe(body: Buffer, secrets: readonly string[]): string {
  try {
    const { errors } = JSON.parse(body.toString("utf8")) as {
      errors?: { error?: { code?: unknown; message?: unknown } }[];
    };
    const error = errors?.[0]?.error;
    const parts = [error?.code, error?.message].filter(
      (part) => typeof part === "string",
    );
    return parts.length === 0
      ? ""
      : ` (${excerptOf(parts.join(": "), secrets)})`;
  } catch {
    return "";
  }
}
