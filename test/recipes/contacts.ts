import { item, pageOf, ScriptedSell } from "../support/sell/scripted-sell.ts";

const ada = { email: "ada@example.com", custom_fields: { Region: "EMEA" } };

const sessions = [
  [
    pageOf([
      contact(1, 1, "created", { name: "Ada", ...ada }),
      contact(2, 1, "created", { name: "Bo" }),
    ]),
  ],
  [
    pageOf([
      contact(1, 2, "updated", { name: "Ada Lovelace", ...ada }),
      item({ id: 2, revision: 2, eventType: "deleted", data: '{"id":2}' }),
    ]),
  ],
];

/** A Sell whose first session creates contacts 1 and 2, and whose second renames one and deletes two. */
export function sellOfTwoContacts(): Promise<ScriptedSell> {
  return ScriptedSell.start(sessions);
}

function contact(
  id: number,
  revision: number,
  eventType: string,
  rest: object,
): string {
  const updated_at = `2026-11-2${revision}T10:00:00Z`;
  const data = JSON.stringify({ id, ...rest, updated_at });
  return item({ id, revision, eventType, data });
}
