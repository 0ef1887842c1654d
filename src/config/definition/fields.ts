import { z } from "zod";
import { LEGAL_TOPIC } from "../../lib/kafka-topics.ts";
import { isLoopbackHost } from "../../security/addresses.ts";

const HOUR_MS = 3_600_000;
export const WEEK_MS = 168 * HOUR_MS;

export const count = z.int().min(1);

/** A wait that one request may take, or that ends a process. */
export const shortWait = z.int().min(1).max(HOUR_MS);
/** Far below 2^31 ms, the longest wait that a timer can take. */
export const longWait = z.int().min(1).max(WEEK_MS);

/**
 * What a text is, which decides how much of it a message shows: nothing of a `secret` and of a
 * `login`, the name sent beside a secret; scheme and host of an `address`; all of a `broker`, and of
 * what is nearly one; all of a `public` text.
 */
type TextKind = "secret" | "login" | "address" | "broker" | "public";

const textKinds = z.registry<{ readonly kind: TextKind }>();

/** Null for a text that no message shows, such as a file's name, in whose place its content may stand. */
export function textKindOf(type: z.core.$ZodType): TextKind | null {
  return textKinds.get(type)?.kind ?? null;
}

export const text = z.string().min(1);
/** A text that no message, log, metric or page shows. The kind stays with what is built on this type. */
export const secret = z.string().register(textKinds, { kind: "secret" });
export const loginName = z
  .string()
  .register(textKinds, { kind: "login" })
  .min(1);
export const publicText = z.string().register(textKinds, { kind: "public" });
export const topicName = publicText.regex(LEGAL_TOPIC, {
  error:
    "must be a legal topic name: 1 to 249 of A-Z a-z 0-9 . _ -, and neither . nor ..",
});
/** The `host:port` of a broker. */
export const brokerAddress = z
  .string()
  .register(textKinds, { kind: "broker" })
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/,]+):\d{1,5}$/, {
    error: 'must be "host:port"',
  });
const address = z.string().register(textKinds, { kind: "address" });

/** An address to which secrets are sent. */
export const httpsOrLoopback = address.refine(
  (value) => {
    const url = URL.parse(value);
    if (url === null || hasLogin(value)) return false;
    return (
      url.protocol === "https:" ||
      (url.protocol === "http:" && isLoopbackHost(url.hostname))
    );
  },
  {
    error:
      "must be an https:// address without credentials in it; http:// is allowed only for a loopback host (localhost, 127.0.0.1, [::1])",
  },
);

export const httpAddress = address.refine(
  (value) => {
    const url = URL.parse(value);
    return url !== null && /^https?:$/.test(url.protocol) && !hasLogin(value);
  },
  {
    error:
      "must be an http:// or https:// address; put credentials into username and password",
  },
);

/** For an address to which paths are added: its query may hold a key, and messages would show it. */
export const withoutQuery = {
  isFit: (value: string) => !/[?#]/.test(value),
  error: "must have no query (?…) and no fragment (#…)",
};

/** Looks at the text: `URL` takes a login whose password holds a slash for host, port and path. */
function hasLogin(value: string): boolean {
  return value.includes("@");
}
