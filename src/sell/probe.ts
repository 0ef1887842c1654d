import { objectIn, isObject } from "../json/parsed.ts";
import { isThrottling, type Answer } from "./answer.ts";

/** What the answer to a probe tells about the server. */
export interface Probe {
  readonly likeness: Likeness;
  readonly status: number;
  /** The kind of its body, for people. */
  readonly kind: string;
  /** The message of the fault that the answer stands for, with what to do. */
  readonly said: string;
}

/** Sell's error codes that refuse the request itself, not the session. */
const OF_THE_REQUEST = new Set(["invalid_header", "invalid_user_agent"]);

/** Classifies the answer for the queue of a session that does not exist. */
export function readProbe(
  answer: Answer,
  said: string,
  baseUrl: string,
): Probe {
  const hasPath = URL.parse(baseUrl)?.pathname !== "/";
  return {
    likeness: classify(answer, hasPath),
    status: answer.status,
    kind: describeBody(answer),
    said,
  };
}

/**
 * Which server answered for the queue of a session that does not exist. `sell`: Sell, which accepted
 * the token and refused the session; `refused`: Sell, which refused the request; `other`: another
 * server; `bare`: unknown, for there is no body.
 */
type Likeness = "sell" | "refused" | "other" | "bare";

function classify(answer: Answer, hasPath: boolean): Likeness {
  const { status, body } = answer;
  if (status >= 500 || isThrottling(answer)) return "refused";
  if (status >= 300 && status < 400) return "refused";
  const json = parsed(body);
  const codes = errorCodesIn(json);
  if (status === 200) return isPage(json) ? "sell" : "other";
  if (status < 400 || codes === null)
    return body.length === 0 ? "bare" : "other";
  if (status === 401 || status === 403) return "refused";
  if (codes.some((code) => OF_THE_REQUEST.has(code))) return "refused";
  // Sell has no such path: the base URL ends in one that is not Sell's.
  return hasPath && codes.includes("incorrect_path") ? "other" : "sell";
}

/** The kind of an answer's body, by which people may know the server. */
function describeBody({ body }: Pick<Answer, "body">): string {
  if (body.length === 0) return "an empty body";
  const start = body.toString("utf8", 0, 200).trimStart();
  if (start.startsWith("<")) return "an HTML page";
  return parsed(body) === undefined ? "text" : "JSON of another kind";
}

/** The codes of Sell's error envelope: `{"errors": [{"error": {"code"}}], "meta": {"type": "errors"}}`; null when it is none. */
function errorCodesIn(json: unknown): string[] | null {
  const errors = isObject(json) ? json["errors"] : undefined;
  if (!Array.isArray(errors)) return null;
  const codes = errors.flatMap((one: unknown) => {
    const code = objectIn(one, "error")?.["code"];
    return typeof code === "string" ? [code] : [];
  });
  const isTyped = objectIn(json, "meta")?.["type"] === "errors";
  return codes.length > 0 || isTyped ? codes : null;
}

function isPage(json: unknown): boolean {
  return (
    isObject(json) &&
    Array.isArray(json["items"]) &&
    objectIn(json, "meta")?.["type"] === "collection"
  );
}

/** Parses a body; undefined when it is no JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
