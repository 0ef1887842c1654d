import { errorChain } from "../../lib/error-chain.ts";
import { DeniedFault, UnavailableFault } from "../../domain/faults.ts";
import type { TlsOptions } from "../../security/tls-options.ts";
import { tlsTroubleOf } from "../../security/tls-trouble.ts";
import { excerptOf } from "../../security/without-secrets.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import {
  addressOf,
  errorTypeOf,
  isRefusedLogin,
  refusedLogin,
} from "../client/errors.ts";
import { probeListener, type Listener } from "./listener.ts";
import type { Login } from "./login.ts";

/** How this client reaches the brokers. */
export interface Access {
  readonly brokers: readonly string[];
  readonly tls: TlsOptions | false;
  readonly login: Login | null;
}

/** Errors of an address without a listener that could be probed. */
const unreachable = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
]);

/**
 * Returns a DeniedFault that says why the brokers refuse this client and what to do, or the error
 * itself when it may pass. Probes a listener that closes the connection without a reason.
 */
export async function explainRefusal(
  error: unknown,
  access: Access,
): Promise<unknown> {
  const known = accessFault(error);
  if (known !== null) return known;
  const isRefused = isRefusedLogin(error);
  if (!isRefused && !isHangUp(error)) return error;
  const address = addressOf(error) ?? access.brokers[0] ?? "";
  const listener = await probeListener(address, access.tls).catch(
    (trouble: unknown) => (trouble instanceof Error ? trouble : null),
  );
  const mismatch = mismatchWith(listener, access);
  if (mismatch !== null)
    return new DeniedFault(
      "kafka",
      `the Kafka listener at ${address} ${mismatch}`,
    );
  if (!isRefused) return error;
  const said = access.login === null ? "" : wordsOn(error, access.login);
  access.login?.refused();
  // Without a cause: a broker's message about a login may repeat the password.
  return new DeniedFault(
    "kafka",
    `Kafka at ${access.brokers.join(",")} refuses the login by ${access.login?.mechanism ?? "SASL"}${said}: ${access.login?.advice ?? "check kafka.sasl"}`,
  );
}

/** Returns the brokers' words about a token, such as which extension is wrong. */
function wordsOn(error: unknown, login: Login): string {
  if (!login.quotesBrokers) return "";
  const said = reasonOf(refusedLogin(error));
  return ` (they say: ${excerptOf(said, login.secrets())})`;
}

/** Returns the fault of an error that names its reason; null when it says nothing about access. */
export function accessFault(error: unknown): Error | null {
  for (const link of errorChain(error))
    if (link instanceof DeniedFault || link instanceof UnavailableFault)
      return link;
  const trouble = tlsTroubleOf(error, "kafka.ssl");
  if (trouble !== null)
    return new DeniedFault(
      "kafka",
      `Kafka at ${addressOf(error) ?? "one of its addresses"} ${trouble}`,
      { cause: error },
    );
  return null;
}

/** Returns the fault of a principal that may write to no topic; null for any other error of a producer. */
export function mayNotWrite(error: unknown): DeniedFault | null {
  return errorTypeOf(error) === "CLUSTER_AUTHORIZATION_FAILED"
    ? new DeniedFault(
        "kafka",
        "Kafka gives this principal no producer id; allow it Write on the topics (and IdempotentWrite on the cluster before Kafka 2.8)",
        { cause: error },
      )
    : null;
}

const WITHOUT_TLS =
  "speaks TLS, and this side does not; set kafka.ssl to true, or to an object with the caFile of its authority";

/** Whether a connection failed at an address where a listener is. */
export function isHangUp(error: unknown): boolean {
  for (const link of errorChain(error)) {
    if (!/Connection|RequestTimeout/.test(link.name)) continue;
    const { code } = link as NodeJS.ErrnoException;
    return code === undefined || !unreachable.has(code);
  }
  return false;
}

/** Returns what a listener demands and this client does not do. An error stands for a listener that could not be probed. */
function mismatchWith(
  listener: Listener | Error | null,
  { tls, login }: Access,
): string | null {
  if (listener === null) return null;
  if (listener instanceof Error) {
    const trouble = tlsTroubleOf(listener, "kafka.ssl");
    return trouble !== null && tls === false ? WITHOUT_TLS : trouble;
  }
  const { isTls, mechanisms } = listener;
  if (isTls && tls === false) return WITHOUT_TLS;
  if (!isTls && tls !== false)
    return "speaks no TLS, and this side does; put the address of a listener with TLS into kafka.brokers (or, without encryption, set kafka.ssl to false)";
  const offered = mechanisms.join(", ");
  if (login === null)
    return mechanisms.length === 0
      ? null
      : `wants a login; set kafka.sasl, with one of its mechanisms: ${offered}`;
  if (mechanisms.length === 0)
    return "takes no login; remove kafka.sasl, or put the address of a listener with SASL into kafka.brokers";
  return mechanisms.includes(login.mechanism)
    ? null
    : `does not offer ${login.mechanism}; set kafka.sasl.mechanism to one that it has: ${offered}`;
}
