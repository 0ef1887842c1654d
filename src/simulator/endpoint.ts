/** An access token that the simulator takes, as it takes every other of this length. */
export const STAND_IN_TOKEN = "any-text-of-64-characters-".repeat(3);

const FIELDS_PATH =
  /^\/v2\/(contact|lead|deal|prospect_and_customer)\/custom_fields$/;
const QUEUE_PATH = /^\/v2\/sync\/([^/]+)\/queues\/([^/]+)$/;

export type Endpoint =
  | { readonly kind: "start" | "ack" | "other" }
  | { readonly kind: "custom_fields"; readonly resource: string }
  | {
      readonly kind: "queue";
      /** Still percent-encoded. */
      readonly session: string;
      readonly queue: string;
    };

/** Parses the path of a request; `other` is none that is simulated. */
export function parseEndpoint(path: string): Endpoint {
  if (path === "/v2/sync/start") return { kind: "start" };
  if (path === "/v2/sync/ack") return { kind: "ack" };
  const [, resource] = FIELDS_PATH.exec(path) ?? [];
  if (resource !== undefined) return { kind: "custom_fields", resource };
  const match = QUEUE_PATH.exec(path);
  if (match === null) return { kind: "other" };
  const [, session = "", queue = ""] = match;
  return { kind: "queue", session, queue };
}
