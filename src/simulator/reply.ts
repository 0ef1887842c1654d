import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

/** The response to one request, before faults alter its delivery. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Has no JSON content type, because Sell's own clients would try to parse the missing body. */
export function emptyReply(status: number): Reply {
  return { status, headers: {}, body: "" };
}

export function jsonReply(status: number, body: string): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body,
  };
}

export function htmlReply(status: number): Reply {
  return {
    status,
    headers: { "content-type": "text/html" },
    body: "<html><body><h1>Please wait</h1></body></html>",
  };
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Returns an error in Sell's error envelope. */
export function errorReply(
  status: number,
  code: string,
  message: string,
  requestNumber: number,
): Reply {
  const logref = `sim-${String(requestNumber).padStart(8, "0")}`;
  const links = {
    more_info: "https://developers.getbase.com/docs/rest/errors",
  };
  const body = {
    errors: [
      {
        error: { code, message, details: message },
        meta: { type: "error", links },
      },
    ],
    meta: {
      type: "errors",
      http_status: `${status} ${reasons[status] ?? ""}`.trim(),
      logref,
      links,
    },
  };
  const reply = jsonReply(status, JSON.stringify(body));
  return {
    ...reply,
    headers: {
      ...reply.headers,
      "content-language": "en",
      "x-request-id": logref,
    },
  };
}

/** Sends a reply; a cut one breaks off in the middle of its body. */
export function sendReply(
  response: ServerResponse,
  { status, headers, body }: Reply,
  isZipped: boolean,
  isCut = false,
): void {
  const bytes = isZipped ? gzipSync(body, { level: 1 }) : Buffer.from(body);
  const hasBody = status !== 204;
  response.writeHead(status, {
    ...headers,
    ...(isZipped && { "content-encoding": "gzip" }),
    ...(hasBody && { "content-length": bytes.length }),
  });
  if (isCut)
    response.write(bytes.subarray(0, bytes.length >> 1), () => {
      response.destroy();
    });
  else if (hasBody) response.end(bytes);
  else response.end();
}
