import type { Cause } from "../../domain/cause.ts";

interface RegistryRefusal {
  readonly status: number;
  readonly reason: string;
  readonly subject: string;
  /** The settings of the login. */
  readonly settings: string;
}

/** Why the registry takes nothing of a subject, by the status of its answer. */
export function refusedBy(
  url: string,
  { status, reason, subject, settings }: RegistryRefusal,
): Cause {
  if (status === 401 || status === 403)
    return {
      code: "registry-denied",
      variant: String(status),
      reason: `the schema registry at ${url} denies access (${status})`,
      remedy: `check ${settings}, what that user may do (read, register, read the compatibility), and that nothing in between blocks the request`,
      subject,
    };
  if (status === 409)
    return {
      code: "schema-incompatible",
      reason: `the schema registry refuses the schema as incompatible: ${reason}`,
      remedy:
        "register a schema yourself with schemaRegistry.autoRegister false, or change the subject's compatibility",
      subject,
    };
  return {
    code: "schema-refused",
    variant: String(status),
    reason: `the schema registry refuses the request (${status}): ${reason}`,
    remedy: "change what the registry objects to",
    subject,
  };
}

/** The status of a lasting refusal; null for an error that may pass. */
export function refusalStatus(cause: unknown): number | null {
  const status =
    cause instanceof Error && "status" in cause ? Number(cause.status) : NaN;
  const isRefusal = status >= 400 && status < 500;
  return isRefusal && ![408, 425, 429].includes(status) ? status : null;
}
