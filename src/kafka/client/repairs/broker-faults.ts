import kafkajs from "kafkajs";
import { errorChain } from "../../../lib/error-chain.ts";
import { isRefusedLogin, brokerReason } from "../errors.ts";
import { accessFault, isHangUp } from "../../auth/refused-access.ts";
import { formatAddress, type Address } from "./pool/seeds.ts";

const { KafkaJSConnectionError } = kafkajs;

/** Creates the error of a connection that failed, with the broker's address. */
export function connectionError(
  address: Address,
  reason: string,
  code?: string,
): Error {
  const broker = formatAddress(address);
  return new KafkaJSConnectionError(`${broker} can't be used: ${reason}`, {
    broker,
    ...(code !== undefined && { code }),
  });
}

const ABANDONED = "ECANCELED";

/** Creates the error of a connection that this side ends because nothing needs it any more. */
export function abandonedError(address: Address): Error {
  const reason = "the connection is not needed any more";
  return connectionError(address, reason, ABANDONED);
}

export function isAbandoned(error: unknown): boolean {
  for (const link of errorChain(error))
    if ((link as NodeJS.ErrnoException).code === ABANDONED) return true;
  return false;
}

/** Joins the errors of all seed brokers to one. It is final when a broker refuses this client. */
export function toSeedsFault(errors: readonly unknown[]): {
  fault: unknown;
  isFinal: boolean;
} {
  const denial = errors.find(
    (error) => isRefusedLogin(error) || accessFault(error) !== null,
  );
  if (denial !== undefined) return { fault: denial, isFinal: true };
  const [only] = errors;
  if (errors.length === 1) return { fault: only, isFinal: false };
  const telling = (errors.find(isHangUp) ?? only) as NodeJS.ErrnoException & {
    broker?: string;
  };
  const { broker, code } = telling;
  const reasons = new Set(errors.map((error) => brokerReason(error)));
  const fault = new KafkaJSConnectionError(
    `none of kafka.brokers can be used: ${[...reasons].join("; ")}`,
    {
      ...(broker !== undefined && { broker }),
      ...(code !== undefined && { code }),
    },
  );
  return { fault, isFinal: false };
}

/** Adds to an error that the address comes from the brokers: clients use it whatever the configuration says. */
export function withAdvertisedAddress(
  error: unknown,
  address: Address,
): unknown {
  if (!(error instanceof KafkaJSConnectionError)) return error;
  const { broker, code } = error as Error & { broker?: string; code?: string };
  const text = `the cluster sends its clients to ${formatAddress(address)} (advertised.listeners of that broker), which must be reachable from here: ${error.message}`;
  return new KafkaJSConnectionError(text, {
    ...(broker !== undefined && { broker }),
    ...(code !== undefined && { code }),
  });
}

/** Whether the connection is at fault and not the request: another broker may answer. */
export function isConnectionFault(error: unknown): boolean {
  for (const { name } of errorChain(error))
    if (/^KafkaJS(Connection|RequestTimeout)/.test(name)) return true;
  return false;
}
