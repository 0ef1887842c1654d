// Each envelope writes the documented key, value and headers, and its delete.
import { describe, expect, it } from "vitest";
import { trialOf } from "../../support/process/connector.ts";
import { readTopics, servers } from "../../support/kafka/kafka.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";

const updated = '{"id":7,"name":"Ada","updated_at":"2026-11-23T10:00:00Z"}';
const session = [
  pageOf([
    item({ id: 7, revision: 3, eventType: "updated", data: updated }),
    item({ type: "deal", id: 9, eventType: "deleted", data: '{"id":9}' }),
  ]),
];

async function publishedAs(format: object) {
  await using sell = await ScriptedSell.start([session]);
  await using trial = await trialOf(sell.url, { format });
  const { exitCode } = await trial.sync();
  expect(exitCode).toBe(0);
  const records = await readTopics(trial.owns);
  const of = (type: string) =>
    records.filter(({ topic }) => topic === `${trial.name}.${type}`);
  return { name: trial.name, contacts: of("contact"), deals: of("deal") };
}

describe.skipIf(servers === null)("envelopes", () => {
  it("flat: the record itself, and a delete as its tombstone alone", async () => {
    const { contacts, deals } = await publishedAs({ envelope: "flat" });
    expect(contacts.map(({ value }) => String(value))).toEqual([updated]);
    expect(deals.map(({ key, value }) => [key, value])).toEqual([["9", null]]);
  });

  it("cloudevents: binary mode, attributes in the headers", async () => {
    const { name, contacts, deals } = await publishedAs({
      envelope: "cloudevents",
    });
    expect(String(contacts[0]?.value)).toBe(updated);
    expect(contacts[0]?.headers).toMatchObject({
      ce_specversion: "1.0",
      ce_id: "contact-7-3",
      ce_type: "com.zendesk.sell.contact.updated",
      ce_source: `/zendesk-sell/${name}`,
      ce_subject: "7",
      ce_time: "2026-11-23T10:00:00.000Z",
      "content-type": "application/json",
    });
    expect(deals).toHaveLength(1);
    expect(deals[0]?.value).toBeNull();
    expect(deals[0]?.headers).toMatchObject({
      ce_type: "com.zendesk.sell.deal.deleted",
      ce_subject: "9",
    });
    expect(deals[0]?.headers).not.toHaveProperty("content-type");
    expect(deals[0]?.headers).not.toHaveProperty("ce_time");
  });

  it("change without tombstones: the delete alone", async () => {
    const { deals } = await publishedAs({ tombstones: false });
    expect(deals).toHaveLength(1);
    expect(JSON.parse(String(deals[0]?.value))).toMatchObject({
      before: { id: 9 },
      after: null,
    });
  });
});
