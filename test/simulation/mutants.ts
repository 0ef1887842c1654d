import type { Sink } from "../../src/pipeline/ports.ts";
import { ThrottledFault, UnavailableFault } from "../../src/pipeline/faults.ts";
import { Settled, type Outcome } from "../../src/pipeline/settled.ts";
import { atLeastOnce, type Parts, type SinkParts } from "./simulate.ts";

/** Lets the acknowledger have everything at once, while the write goes on behind its back. */
function hasty(sink: Sink): Sink {
  return {
    publish: (items, signal) => {
      sink.publish(items, signal).catch(() => undefined);
      return Settled.once(
        Promise.resolve(
          items.map((item) => ({ item, fate: { kind: "published" as const } })),
        ),
      );
    },
  };
}

/** Changes what a sound sink is given, and what it says of that. */
function altered(
  given: (items: Parameters<Sink["publish"]>[0]) => typeof items,
  said: (
    outcomes: readonly Outcome[],
    items: Parameters<Sink["publish"]>[0],
  ) => readonly Outcome[],
): (parts: SinkParts) => Sink {
  return (parts) => {
    const sink = atLeastOnce(parts);
    return {
      publish: (items, signal) =>
        Settled.once(
          sink
            .publish(given(items), signal)
            .then(({ outcomes }) => said(outcomes, items)),
        ),
    };
  };
}

/** Connectors with one fault each, and words of the promise that it breaks. */
export const mutants: Readonly<Record<string, [Partial<Parts>, RegExp]>> = {
  "acknowledges before the brokers confirm": [
    { watchedSink: hasty },
    /before it was durable/,
  ],
  "takes a write that was not confirmed for a write": [
    {
      writer: (writer) => ({
        write: (records, timestampMs, signal) =>
          writer.write(records, timestampMs, signal).catch((error: unknown) => {
            signal.throwIfAborted();
            if (!("type" in (error as object))) throw error;
          }),
      }),
    },
    /called published/,
  ],
  "takes part of a write for all of it": [
    {
      writer: (writer) => ({
        write: (records, timestampMs, signal) =>
          writer.write(records.slice(0, -1), timestampMs, signal),
      }),
    },
    /called published/,
  ],
  "forgets an item of a batch": [
    {
      sink: altered(
        (items) => items.slice(0, -1),
        (outcomes) => outcomes,
      ),
    },
    /no fate/,
  ],
  "gives an item two fates": [
    {
      sink: altered(
        (items) => items,
        (outcomes) => [...outcomes, ...outcomes.slice(0, 1)],
      ),
    },
    /two fates/,
  ],
  "acknowledges what it deferred": [
    {
      sink: altered(
        (items) => items,
        (outcomes) =>
          outcomes.map(({ item }) => ({ item, fate: { kind: "superseded" } })),
      ),
    },
    /superseded by nothing/,
  ],
  "writes older revisions behind newer ones": [
    {
      sink: (parts) => {
        const own = () => atLeastOnce(parts);
        return {
          publish: (items, signal) =>
            Settled.once(
              (async () => {
                const outcomes: Outcome[] = [];
                for (const item of items.toReversed())
                  outcomes.push(
                    ...(await own().publish([item], signal)).outcomes,
                  );
                return outcomes;
              })(),
            ),
        };
      },
    },
    /was written behind/,
  ],
  "takes an empty page for the end": [
    {
      source: (source) => ({
        ...source,
        open: async (signal) => {
          const session = await source.open(signal);
          return (
            session && {
              ...session,
              fetch: async (fetchSignal) => {
                const page = await session.fetch(fetchSignal);
                return page?.items.length === 0 ? null : page;
              },
            }
          );
        },
      }),
    },
    /without Sell's 204|not acknowledged/,
  ],
  "takes a lost page for none": [
    {
      source: (source) => ({
        ...source,
        open: async (signal) => {
          const session = await source.open(signal);
          return (
            session && {
              ...session,
              fetch: (fetchSignal) =>
                session.fetch(fetchSignal).catch((error: unknown) => {
                  throw error instanceof UnavailableFault
                    ? new ThrottledFault("lost")
                    : error;
                }),
            }
          );
        },
      }),
    },
    /not acknowledged/,
  ],
  "takes failed objects for nothing": [
    {
      source: (source) => ({
        ...source,
        open: async (signal) => {
          const session = await source.open(signal);
          return (
            session && {
              ...session,
              fetch: async (fetchSignal) => {
                const page = await session.fetch(fetchSignal);
                return page && { ...page, failedObjects: [] };
              },
            }
          );
        },
      }),
    },
    /not acknowledged/,
  ],
  "takes an acknowledgement that failed for one that was heard": [
    {
      source: (source) => ({
        ...source,
        acknowledge: (keys, signal) =>
          source.acknowledge(keys, signal).catch(() => undefined),
      }),
    },
    /not acknowledged/,
  ],
  "buffers more than it may": [{ bufferFactor: 1_000 }, /bytes were buffered/],
};
