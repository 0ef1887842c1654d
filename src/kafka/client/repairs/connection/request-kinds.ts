import type { AnswerKind } from "./frames.ts";

/** Requests by their numbers in the Kafka protocol ("api keys"). */
export const FETCH = 1;
const METADATA = 3;
const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;

const beforeLogin = new Set([API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE]);
const prompt = new Set([...beforeLogin, METADATA]);

/** Whether a connection sends the request before it has logged in. */
export function isBeforeLogin(apiKey: number): boolean {
  return beforeLogin.has(apiKey);
}

/** Whether a broker answers the request from memory, without waiting for anything. */
export function isPrompt(apiKey: number): boolean {
  return prompt.has(apiKey);
}

export function kindOf(apiKey: number): AnswerKind {
  if (beforeLogin.has(apiKey)) return "first";
  return apiKey === FETCH ? "records" : "other";
}
