// A journal with fewer partitions than before was made again, once every broker must know of all.
import { expect, it } from "vitest";
import { LostRecords } from "../../../src/kafka/read/fetch-committed.ts";
import type { TopicFeed } from "../../../src/kafka/read/topic-feed.ts";
import { JournalReader } from "../../../src/publish/exactly-once/journal-reader.ts";
import { Journal } from "../../../src/publish/exactly-once/journal.ts";
import { FakeClock } from "../../support/clocks/fake-clock.ts";

const { signal } = new AbortController();

it("takes a journal for lost that has fewer partitions for some time", async () => {
  const clock = new FakeClock();
  const state = { partitions: 6 };
  const feed: Partial<TopicFeed> = {
    countPartitions: () => Promise.resolve(state.partitions),
    partition: () =>
      ({
        read: () => Promise.resolve(0n),
        leave: () => undefined,
      }) as unknown as ReturnType<TopicFeed["partition"]>,
  };
  using reader = new JournalReader({
    feed: feed as TopicFeed,
    connectorName: "c",
    journal: new Journal("device"),
    clock,
  });
  await reader.read(true, signal);
  state.partitions = 3;
  await expect(reader.read(true, signal)).rejects.not.toBeInstanceOf(
    LostRecords,
  );
  state.partitions = 6;
  await reader.read(true, signal);
  await clock.advance(20_000);

  state.partitions = 3;
  await expect(reader.read(true, signal)).rejects.not.toBeInstanceOf(
    LostRecords,
  );
  await clock.advance(10_000);
  await expect(reader.read(true, signal)).rejects.toBeInstanceOf(LostRecords);
});
