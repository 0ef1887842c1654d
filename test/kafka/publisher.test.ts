import { expect, it } from "vitest";
import { Publisher } from "../../src/kafka/publisher.ts";
import { Router } from "../../src/kafka/route.ts";
import { TypeFault } from "../../src/pipeline/faults.ts";
import { change } from "../support/builders.ts";
import { FakeClock } from "../support/fake-clock.ts";

const { signal } = new AbortController();
const denied = Object.assign(new Error("not authorized"), {
  type: "TOPIC_AUTHORIZATION_FAILED",
});

/** A publisher whose writes end as the answers say, in turn. */
function publisherWith(answers: (Error | null)[]): Publisher {
  return new Publisher({
    writer: {
      write: () => {
        const answer = answers.shift() ?? null;
        return answer === null ? Promise.resolve() : Promise.reject(answer);
      },
    },
    clock: new FakeClock(),
    retrying: () => undefined,
    entriesFor: () => [],
    encoder: {
      prepare: () => Promise.resolve(),
      encode: ({ data }) => [{ value: data, headers: {} }],
    },
    router: new Router({
      connectorName: "sell",
      pattern: "sell.{type}",
      reserved: [],
    }),
    topics: {
      prepare: () => Promise.resolve(new Map()),
      refused: () => Promise.resolve(new TypeFault("the topic is denied")),
    },
    connectorName: "sell",
    deadLetterTopic: "dead-letter",
  });
}

async function fatesOf(publisher: Publisher, ...revisions: number[]) {
  const items = revisions.map((revision) => change({ revision }));
  const { outcomes } = await publisher.publish(items, signal);
  return outcomes.map(({ fate }) => fate.kind);
}

it("holds back what is older than a write that some partitions may have taken", async () => {
  const publisher = publisherWith([denied, null, null]);
  expect(await fatesOf(publisher, 5)).toEqual(["deferred"]);
  expect(await fatesOf(publisher, 4)).toEqual(["deferred"]);
  expect(await fatesOf(publisher, 5)).toEqual(["published"]);
  expect(await fatesOf(publisher, 4)).toEqual(["superseded"]);
});
