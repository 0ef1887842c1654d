import type { OpenColumns } from "../app/context/columns-layout.ts";
import { ok, warning, type Report } from "./finding.ts";
import { failureReason, withinLimit } from "./time-limit.ts";

const what = "custom fields";

/** Checks whether the definitions of custom fields can be read. A connector runs without them, too. */
export async function checkCustomFields(
  { customFields }: Pick<OpenColumns, "customFields">,
  report: Report,
  stopping: AbortSignal,
): Promise<void> {
  try {
    await customFields.ask(withinLimit(stopping));
  } catch (error) {
    await report(unknown(failureReason(error)));
    return;
  }
  const { unknownBecause } = customFields;
  if (unknownBecause !== null) {
    await report(unknown(unknownBecause));
    return;
  }
  const counts = ["contact", "lead", "deal"].map(
    (type) => `${customFields.of(type)?.length ?? 0} of ${type}s`,
  );
  await report(ok(what, `get a typed column each: ${counts.join(", ")}`));
}

function unknown(reason: string) {
  return warning(
    what,
    `get no columns, and stay in custom_fields as JSON text: ${reason}`,
  );
}
