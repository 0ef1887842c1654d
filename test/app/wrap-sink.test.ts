// Proves that a wrapped sink has the methods of the sink itself, and runs something around each.
import { expect, it } from "vitest";
import type { Item } from "../../src/domain/change.ts";
import type { Sink } from "../../src/domain/ports.ts";
import { Settled } from "../../src/domain/settled.ts";
import { wrapSink } from "../../src/domain/wrap-sink.ts";

const { signal } = new AbortController();

/** Needs its `this`, as a class does. */
class RecordingSink implements Sink {
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

it("runs around each call of the sink", async () => {
  const sink = new RecordingSink();
  const wrapped = wrapSink(sink, {
    publish: (publish, items) => {
      sink.calls.push(`before publish ${items.length}`);
      return publish();
    },
    prepare: (prepare) => {
      sink.calls.push("before");
      return prepare();
    },
  });
  await wrapped.recover?.(signal);
  await wrapped.ready?.(signal);
  await wrapped.publish([], signal);
  expect(sink.calls).toEqual([
    ...["before", "recover", "before", "ready"],
    ...["before publish 0", "publish 0"],
  ]);
});

it("adds no method that the sink does not have", () => {
  const publish = () => Settled.once(Promise.resolve([]));
  const wrapped = wrapSink({ publish }, { publish });
  expect(Object.keys(wrapped)).toEqual(["publish"]);
});
