import { createRequire } from "node:module";
import { connectionError } from "../broker-faults.ts";
import type { PoolBroker, Protocol } from "../kafkajs-internals.ts";

const require = createRequire(import.meta.url);
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
  const folder = "kafkajs/src/protocol";
  const response = require(
    `${folder}/requests/metadata/v${VERSION}/response`,
  ) as Protocol["response"];
  const Encoder = require(`${folder}/encoder`) as new () => {
    writeArray(elements: readonly string[]): unknown;
  };
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
