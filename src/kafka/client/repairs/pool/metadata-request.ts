import Encoder from "kafkajs/src/protocol/encoder.js";
import response from "kafkajs/src/protocol/requests/metadata/v1/response.js";
import { connectionError } from "../broker-faults.ts";
import type { PoolBroker, Protocol } from "../kafkajs-internals.ts";

const METADATA = 3;
const VERSION = 1;

/**
 * Asks a broker for the brokers of its cluster, without any topic: kafkajs asks for all topics.
 * Rejects when the broker names none, or does not answer.
 */
export async function verifyKnowsBrokers(broker: PoolBroker): Promise<void> {
  const address = broker.connectionPool;
  const range = broker.versions?.[METADATA];
  if (range === undefined)
    throw connectionError(address, "it can't tell what brokers there are");
  if (range.minVersion > VERSION || range.maxVersion < VERSION) return;
  const answer = await broker.connectionPool.send(request());
  const { brokers } = answer as { brokers: readonly unknown[] };
  if (brokers.length === 0)
    throw connectionError(address, "it knows no brokers, not even itself");
}

function request(): Protocol {
  return {
    request: {
      apiKey: METADATA,
      apiName: "Metadata",
      apiVersion: VERSION,
      encode: () => Promise.resolve(new Encoder().writeArray([])),
    },
    response,
  };
}
