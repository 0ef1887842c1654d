import type { Cause } from "../../domain/cause.ts";
import { TypeFault, UnavailableFault } from "../../domain/faults.ts";
import { reasonOf } from "../../lib/text/reason-of.ts";
import type { SchemaSet } from "../value-format.ts";
import type { RegisteredSchema } from "./schema.ts";

/** The newest schema of a subject is of another format. */
export function kindFault(
  subject: string,
  latest: RegisteredSchema,
  { kind }: SchemaSet,
  remedy: string,
): TypeFault {
  return new TypeFault({
    code: "schema-unusable",
    variant: "kind",
    reason: `the newest schema of the subject is of the kind ${latest.kind}, and format.value needs ${kind}`,
    remedy,
    subject,
  });
}

/** An operator has registered none. */
export function missingFault(subject: string): TypeFault {
  return new TypeFault({
    code: "schema-missing",
    reason:
      "the schema registry has no schema for the subject, and schemaRegistry.autoRegister is false",
    remedy:
      'register one ("sell-kafka schemas" shows it), or set autoRegister to true',
    subject,
  });
}

/** The registered schema is not one that values can be written with. */
export function unusableFault(
  subject: string,
  { id }: RegisteredSchema,
  { title }: SchemaSet,
  cause: unknown,
): TypeFault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TypeFault(
    {
      code: "schema-unusable",
      variant: "invalid",
      reason: `the registered schema ${id} can't be used: ${reason.slice(0, 200)}`,
      remedy: `register a valid ${title}`,
      subject,
    },
    { cause },
  );
}

/** Why a subject's registered schema stays in use; null for an error that is no fault of the registry. */
export function keptCause(error: unknown, subject: string): Cause | null {
  if (error instanceof TypeFault) return { ...error.why, subject };
  if (!(error instanceof UnavailableFault)) return null;
  return {
    code: "schema-refused",
    variant: "away",
    reason: `the next version of the schema can't be registered: ${reasonOf(error)}`,
    remedy: "it is tried again by itself; look at the schema registry",
    subject,
  };
}
