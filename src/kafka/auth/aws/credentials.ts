import { DeniedFault, UnavailableFault } from "../../../domain/faults.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Fetched } from "../../../lib/renewed-value.ts";
import type { AwsCredentials } from "./presigned-url.ts";
import {
  fromContainer,
  fromInstance,
  fromWebIdentity,
  type AwsOptions,
  type Source,
} from "./sources.ts";

const HOUR_MS = 3_600_000;
/** Credentials are fetched again after it, whatever their source says. */
const LONGEST_LIFE_MS = 24 * HOUR_MS;

/** Key id, secret key and session token: visible ASCII characters. */
const FIT = /^[\x21-\x7e]{1,16384}$/;

/**
 * Fetches credentials from the first source that the environment names, in the order of AWS's SDKs:
 * variables, web identity, container, instance. Files of profiles are not read. Rejects with a
 * DeniedFault or UnavailableFault that names the source.
 */
export async function fetchCredentials(
  options: AwsOptions,
  clock: Clock,
): Promise<Fetched<AwsCredentials>> {
  const { environment: env } = options;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key } = env;
  if (id !== undefined || key !== undefined)
    return checked(
      {
        name: "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)",
        fields: { id, key, token: env["AWS_SESSION_TOKEN"], expiration: null },
      },
      clock,
    );
  if (env["AWS_WEB_IDENTITY_TOKEN_FILE"] !== undefined)
    return checked(await fromWebIdentity(options), clock);
  const isContainer =
    env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] !== undefined ||
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] !== undefined;
  if (isContainer) return checked(await fromContainer(options), clock);
  if (/^true$/i.test(env["AWS_EC2_METADATA_DISABLED"] ?? ""))
    throw new DeniedFault(
      "aws-credentials",
      "there are no AWS credentials for kafka.sasl: the environment names none, and AWS_EC2_METADATA_DISABLED is true; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod, task or instance a role (profiles in files are not read)",
    );
  return checked(await fromInstance(options), clock);
}

function checked(
  { name, fields }: Source,
  clock: Clock,
): Fetched<AwsCredentials> {
  const { id, key, token, expiration } = fields;
  if (!isFit(id) || !isFit(key) || !(token === undefined || isFit(token)))
    throw new DeniedFault(
      "aws-credentials",
      `${name} gives no usable AWS credentials: key id and secret key must be there, and a session token of visible ASCII characters if there is one`,
    );
  const value = {
    accessKeyId: id,
    secretAccessKey: key,
    sessionToken: token ?? null,
  };
  if (expiration === null) return { value, lifetimeMs: HOUR_MS };
  const endMs = typeof expiration === "string" ? Date.parse(expiration) : NaN;
  const lifetimeMs = endMs - clock.epochMs();
  if (Number.isNaN(lifetimeMs) || lifetimeMs <= 0)
    throw new UnavailableFault(
      `${name} gives AWS credentials that have expired, or say no date of their end; check this machine's clock`,
    );
  return { value, lifetimeMs: Math.min(lifetimeMs, LONGEST_LIFE_MS) };
}

function isFit(value: unknown): value is string {
  return typeof value === "string" && FIT.test(value);
}

/** Returns the secrets in the environment itself, which no log may show. */
export function awsSecretsOf(env: AwsOptions["environment"]): string[] {
  return [
    env["AWS_SECRET_ACCESS_KEY"],
    env["AWS_SESSION_TOKEN"],
    env["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
  ].filter((secret) => secret !== undefined);
}
