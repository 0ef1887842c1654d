import { objectIn, isObject } from "../json/parsed.ts";
import { isThrottling, type Answer } from "./answer.ts";

/** Who answered, and what. */
export interface Probe {
  readonly likeness: Likeness;
  readonly status: number;
  /** What kind of body it has. */
  readonly kind: string;
  /** The answer as the fault of a request, with what to do. */
  readonly said: string;
}

/** Codes of Sell's errors that speak of what was sent, and not of the session. */
const OF_THE_REQUEST = new Set(["invalid_header", "invalid_user_agent"]);

/** Reads the answer for the queue of a session that never was. */
export function probeOf(answer: Answer, said: string, baseUrl: string): Probe {
  const hasPath = URL.parse(baseUrl)?.pathname !== "/";
  return {
    likeness: likenessOf(answer, hasPath),
    status: answer.status,
    kind: kindOf(answer),
    said,
  };
}

/**
 * What an answer for the queue of a session that never was says about who gave it: `sell` refuses
 * the session, and has taken the token; `refused` is Sell's too, but of the request; `other` has
 * nothing of Sell's shape; `bare` has no body to tell by.
 */
type Likeness = "sell" | "refused" | "other" | "bare";

function likenessOf(answer: Answer, hasPath: boolean): Likeness {
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
  // Sell knows no such path, where one was put behind its address.
  return hasPath && codes.includes("incorrect_path") ? "other" : "sell";
}

/** What stands in an answer, for people who wonder who gave it. */
function kindOf({ body }: Pick<Answer, "body">): string {
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

/** Undefined when it is no JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
