import { expect } from "vitest";
import type { Trial } from "../support/process/connector.ts";
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
export async function sellOfTwoContacts(): Promise<ScriptedSell> {
  const sell = await ScriptedSell.start(sessions);
  const region = { id: 7, name: "Region", type: "string" };
  sell.customFields = JSON.stringify({ items: [{ data: region }] });
  return sell;
}

/** Takes the changes of one session. */
export async function synced(trial: Trial): Promise<void> {
  const { exitCode, stderr } = await trial.sync();
  expect(exitCode, stderr).toBe(0);
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
