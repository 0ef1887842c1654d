import kafkajs from "kafkajs";
import { errorChain } from "../../../lib/error-chain.ts";
import { isRefusedLogin, reasonOf } from "../errors.ts";
import { deniedBy, isHangUp } from "../../auth/refused-access.ts";
import { addressText, type Address } from "./pool/seeds.ts";

const { KafkaJSConnectionError } = kafkajs;

/** A connection to a broker that failed; it is told with its address. */
export function connectionError(
  address: Address,
  reason: string,
  code?: string,
): Error {
  const broker = addressText(address);
  return new KafkaJSConnectionError(`${broker} can't be used: ${reason}`, {
    broker,
    ...(code !== undefined && { code }),
  });
}

const ABANDONED = "ECANCELED";

/** A connection that this side ends, since nobody needs it any more. */
export function abandonedError(address: Address): Error {
  const reason = "the connection is not needed any more";
  return connectionError(address, reason, ABANDONED);
}

export function isAbandoned(error: unknown): boolean {
  for (const link of errorChain(error))
    if ((link as NodeJS.ErrnoException).code === ABANDONED) return true;
  return false;
}

/** What several brokers have against this client, or this client against them. */
export function seedsFault(errors: readonly unknown[]): {
  fault: unknown;
  isFinal: boolean;
} {
  const denial = errors.find(
    (error) => isRefusedLogin(error) || deniedBy(error) !== null,
  );
  if (denial !== undefined) return { fault: denial, isFinal: true };
  const [only] = errors;
  if (errors.length === 1) return { fault: only, isFinal: false };
  const telling = (errors.find(isHangUp) ?? only) as NodeJS.ErrnoException & {
    broker?: string;
  };
  const { broker, code } = telling;
  const reasons = new Set(errors.map((error) => reasonOf(error)));
  const fault = new KafkaJSConnectionError(
    `none of kafka.brokers can be used: ${[...reasons].join("; ")}`,
    {
      ...(broker !== undefined && { broker }),
      ...(code !== undefined && { code }),
    },
  );
  return { fault, isFinal: false };
}

/** Clients go to the addresses that brokers give out, whatever the configuration says. */
export function asAdvertised(error: unknown, address: Address): unknown {
  if (!(error instanceof KafkaJSConnectionError)) return error;
  const { broker, code } = error as Error & { broker?: string; code?: string };
  const text = `the cluster sends its clients to ${addressText(address)} (advertised.listeners of that broker), which must be reachable from here: ${error.message}`;
  return new KafkaJSConnectionError(text, {
    ...(broker !== undefined && { broker }),
    ...(code !== undefined && { code }),
  });
}

/** True when the connection is at fault, and not the request: another broker may do better. */
export function isConnectionFault(error: unknown): boolean {
  for (const { name } of errorChain(error))
    if (/^KafkaJS(Connection|RequestTimeout)/.test(name)) return true;
  return false;
}
