import type { IncomingMessage } from "node:http";
import type { Endpoint } from "./endpoint.ts";
import type { FaultDice } from "./faults.ts";
import { RateLimit } from "./rate-limit.ts";
import { emptyReply, errorReply, htmlReply, type Reply } from "./reply.ts";

const UNAUTHORIZED =
  "Required access token is missing, malformed, expired, or invalid.";

/** A request that breaks a rule of the protocol, and Sell's response to it. */
interface Violation {
  readonly rule: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface RequestChecksOptions {
  readonly dice: FaultDice;
  /** Requests per second of one access token; null for any number. */
  readonly rateLimit: number | null;
  /** The only token with the read scope; null when every token has it. */
  readonly readToken: string | null;
  /** Called for each request to the Sync API that breaks a rule. */
  readonly violated: (rule: string) => void;
}

/** Rejects requests before they have any effect: wrong headers, too many requests, faults. */
export class RequestChecks {
  readonly #dice: FaultDice;
  readonly #rateLimit: RateLimit;
  readonly #readToken: string | null;
  readonly #violated: (rule: string) => void;

  constructor({ dice, rateLimit, readToken, violated }: RequestChecksOptions) {
    this.#dice = dice;
    this.#readToken = readToken;
    this.#rateLimit = new RateLimit(rateLimit);
    this.#violated = violated;
  }

  /** Returns the reply to a rejected request; null for an accepted one. */
  reject(
    request: IncomingMessage,
    endpoint: Endpoint,
    number: number,
  ): Reply | null {
    const accessToken = bearerToken(request);
    const violation =
      findClientViolation(request, accessToken) ??
      (endpoint.kind === "other" || endpoint.kind === "custom_fields"
        ? null
        : findSyncViolation(request, endpoint.kind));
    if (violation !== null) {
      const { rule, status, code, message } = violation;
      if (endpoint.kind !== "other") this.#violated(rule);
      return errorReply(status, code, message, number);
    }
    if (endpoint.kind === "other") return null;
    const mayRead = [null, accessToken].includes(this.#readToken);
    if (endpoint.kind === "custom_fields" && !mayRead)
      return errorReply(
        403,
        "insufficient_scope",
        "The access token has no read scope.",
        number,
      );
    return this.#rejectByChance(accessToken ?? "", number);
  }

  #rejectByChance(accessToken: string, number: number): Reply | null {
    if (this.#dice.happens("401"))
      return errorReply(401, "unauthorized", UNAUTHORIZED, number);
    if (this.#dice.happens("403"))
      return errorReply(
        403,
        "insufficient_scope",
        "The access token has no sync scope.",
        number,
      );
    if (this.#dice.happens("429") || !this.#rateLimit.take(accessToken))
      return this.#throttle(number);
    if (this.#dice.happens("404-429"))
      return errorReply(
        404,
        "incorrect_path",
        "Requested path at '/429.json' was not found",
        number,
      );
    if (this.#dice.happens("500"))
      return this.#dice.pick([
        errorReply(500, "server_error", "Something went wrong.", number),
        errorReply(503, "temporarily_unavailable", "Try again later.", number),
        emptyReply(502),
      ]);
    return this.#dice.happens("html") ? htmlReply(200) : null;
  }

  /** Sell's 429 was seen with an empty body, with HTML and with JSON. */
  #throttle(number: number): Reply {
    return this.#dice.pick([
      emptyReply(429),
      htmlReply(429),
      errorReply(429, "rate_limit_exceeded", "Too many requests.", number),
    ]);
  }
}

function bearerToken({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

/** Checks the headers that every API of Sell requires. */
function findClientViolation(
  { headers }: IncomingMessage,
  accessToken: string | undefined,
): Violation | null {
  const userAgent = headers["user-agent"];
  if (userAgent === undefined || userAgent.trim() === "")
    return {
      rule: "sent no User-Agent",
      status: 400,
      code: "invalid_user_agent",
      message: "The User-Agent header is missing.",
    };
  if (accessToken === undefined)
    return {
      rule: "sent no bearer token",
      status: 401,
      code: "unauthorized",
      message: UNAUTHORIZED,
    };
  return null;
}

/** Checks what the Sync API requires besides. */
function findSyncViolation(
  { method, headers }: IncomingMessage,
  endpoint: "start" | "queue" | "ack",
): Violation | null {
  const device = headers["x-basecrm-device-uuid"];
  if (typeof device !== "string" || device.trim() === "")
    return {
      rule: "sent no X-Basecrm-Device-UUID",
      status: 400,
      code: "invalid_header",
      message: "The X-Basecrm-Device-UUID header is missing.",
    };
  if (method !== (endpoint === "queue" ? "GET" : "POST"))
    return {
      rule: "used the wrong method",
      status: 405,
      code: "invalid_param",
      message: "The method is not allowed here.",
    };
  const contentType = headers["content-type"] ?? "";
  if (endpoint === "ack" && !/^application\/json\b/i.test(contentType))
    return {
      rule: "acknowledged without Content-Type application/json",
      status: 400,
      code: "invalid_header",
      message: "The Content-Type must be application/json.",
    };
  return null;
}
