import type { AckKey, Change, Item } from "../../src/domain/change.ts";
import type { CustomField } from "../../src/domain/custom-fields.ts";
import type { Cause } from "../../src/domain/cause.ts";
import type { Observer, SessionReport } from "../../src/domain/observer.ts";
import { observers } from "../../src/domain/observer.ts";
import type { Page } from "../../src/domain/ports.ts";
import { AckBatchSize } from "../../src/pipeline/ack-batch-size.ts";

export const ackKey = (text: string): AckKey => text as AckKey;

/** A change of contact 1, revision 1, unless told otherwise. */
export function change(overrides: Partial<Change> = {}): Change {
  const id = overrides.id === undefined ? "1" : overrides.id;
  const type = overrides.type ?? "contact";
  const revision = overrides.revision ?? 1;
  const data = overrides.data ?? Buffer.from(`{"id":${id ?? "null"}}`);
  const key = `${type}-${id ?? "-"}-${String(revision)}`;
  return {
    kind: "change",
    type,
    id,
    recordKey: id ?? "-",
    ackKey: ackKey(key),
    eventType: "updated",
    op: "u",
    revision,
    session: "session-1",
    takenAtMs: 1_795_428_000_123,
    sourceTimeMs: 1_795_428_000_000,
    data,
    item: Buffer.from(
      `{"data":${data.toString()},"meta":{"type":"${type}","sync":{"ack_key":"${key}"}}}`,
    ),
    ...overrides,
  };
}

/** A custom field that Sell defines for all records of a type. */
export function customField(
  id: number,
  name: string,
  kind: CustomField["kind"] = "text",
): CustomField {
  return { id: String(id), resource: null, name, kind, holders: "all" };
}

export function page(items: readonly Item[], rest: Partial<Page> = {}): Page {
  return { items, bytes: 100, countLeft: null, failedObjects: [], ...rest };
}

/** Why items of a type are deferred whose topic does not exist. */
export function missingTopic(topic: string): Cause {
  return {
    code: "topic-missing",
    reason: "the topic does not exist",
    remedy: "create it",
    subject: topic,
  };
}

/** The report of a session that was drained. */
export function report(rest: Partial<SessionReport> = {}): SessionReport {
  return {
    session: "session-1",
    end: "drained",
    fetched: 0,
    deferred: 0,
    deferredBecause: [],
    lostPages: 0,
    lostBecause: [],
    failedObjects: [],
    withoutKey: 0,
    ...rest,
  };
}

export function silentObserver(...told: Partial<Observer>[]): Observer {
  return observers(...told);
}

/** Batches of acknowledgements that never grow. */
export function ackBatchesOf(keys: number): AckBatchSize {
  return new AckBatchSize({ ackBatchSize: keys, maxAckBatchSize: keys });
}
