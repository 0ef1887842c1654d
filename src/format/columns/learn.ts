import type { Change } from "../../domain/change.ts";
import type { CustomFields } from "../../domain/custom-fields.ts";
import { COLON, skipSpace } from "../../json/bytes.ts";
import { visitMembers } from "../../json/members.ts";

/** Makes the definitions of the custom fields in some changes known, as far as Sell tells them. */
export async function learnCustomFields(
  changes: readonly Change[],
  customFields: CustomFields,
  signal: AbortSignal,
): Promise<void> {
  const names = new Map<string, Set<string>>();
  for (const { type, op, data } of changes) {
    if (op === "d" || !customFields.covers(type)) continue;
    let ofType = names.get(type);
    if (ofType === undefined) names.set(type, (ofType = new Set()));
    addNames(ofType, data);
  }
  for (const [type, ofType] of names)
    await customFields.learn(type, ofType, signal);
}

const MEMBER = Buffer.from('"custom_fields"');

/** Adds the names in `custom_fields`. Looks at its bytes alone, which is faster than reading all members. */
function addNames(names: Set<string>, data: Buffer): void {
  for (let at = data.indexOf(MEMBER); at >= 0; at = data.indexOf(MEMBER, at)) {
    at = skipSpace(data, at + MEMBER.length);
    if (data[at] !== COLON) continue;
    visitMembers(data, at + 1, (name) => names.add(name));
    return;
  }
}
