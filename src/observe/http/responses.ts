import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { troubleSentence } from "../troubles/trouble.ts";
import type { PageFile } from "./page-files.ts";

type ServedTrouble = Parameters<typeof troubleSentence>[0];

/** The part of a status that the server itself reads, to answer `/readyz`. */
export interface ServedStatus {
  readonly ready: boolean;
  /** The whole in one sentence, for a process of many connectors. */
  readonly headline?: string;
  readonly troubles: readonly ServedTrouble[];
}

const JSON_TYPE = "application/json; charset=utf-8";

/** Browsers load nothing from other origins, and no other origin can embed the page. */
export const securityHeaders: OutgoingHttpHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

export function sendReadiness(
  response: ServerResponse,
  { ready, headline, troubles }: ServedStatus,
): void {
  const reasons = troubles.map(troubleSentence);
  sendJson(response, ready ? 200 : 503, {
    ready,
    headline,
    reasons,
    ...(troubles.length > 0 && { troubles }),
  });
}

export function sendFile(
  response: ServerResponse,
  { contentType, body }: PageFile,
): void {
  send(response, 200, contentType, body, "no-cache");
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
): void {
  send(response, status, JSON_TYPE, `${JSON.stringify(value)}\n`);
}

/** Sends a whole response; Node.js leaves out the body when the request is a HEAD. */
export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
  caching = "no-store",
): void {
  response.writeHead(status, {
    ...securityHeaders,
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": caching,
  });
  response.end(body);
}
