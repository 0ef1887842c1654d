// Proves that a wrapped publisher runs something around each call of the publisher itself.
import { expect, it } from "vitest";
import type { Item } from "../../src/domain/change.ts";
import type { Publisher } from "../../src/domain/ports.ts";
import { Settled } from "../../src/domain/settled.ts";
import { wrapPublisher } from "../../src/domain/wrap-publisher.ts";

const { signal } = new AbortController();

/** Needs its `this`, as a class does. */
class RecordingPublisher implements Publisher {
  readonly calls: string[] = [];

  publish(items: readonly Item[]): Promise<Settled> {
    this.calls.push(`publish ${items.length}`);
    return Settled.once(Promise.resolve([]));
  }

  recover(): Promise<null> {
    this.calls.push("recover");
    return Promise.resolve(null);
  }

  ready(): Promise<void> {
    this.calls.push("ready");
    return Promise.resolve();
  }
}

it("runs around each call of the publisher", async () => {
  const publisher = new RecordingPublisher();
  const wrapped = wrapPublisher(publisher, {
    publish: (publish, items) => {
      publisher.calls.push(`before publish ${items.length}`);
      return publish();
    },
    prepare: (prepare) => {
      publisher.calls.push("before");
      return prepare();
    },
  });
  await wrapped.recover(signal);
  await wrapped.ready(signal);
  await wrapped.publish([], signal);
  expect(publisher.calls).toEqual([
    ...["before", "recover", "before", "ready"],
    ...["before publish 0", "publish 0"],
  ]);
});

it("runs recover and ready as they are when nothing is to be done around them", async () => {
  const publisher = new RecordingPublisher();
  const wrapped = wrapPublisher(publisher, { publish: (publish) => publish() });
  await wrapped.recover(signal);
  await wrapped.ready(signal);
  expect(publisher.calls).toEqual(["recover", "ready"]);
});
