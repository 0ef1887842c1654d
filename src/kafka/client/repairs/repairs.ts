import { brokerFailuresOf } from "../broker-failures.ts";
import { guardClusters } from "../cluster.ts";
import { registerCompressionCodecs } from "../compression.ts";
import type { Kafka } from "../kafkajs.ts";
import { guardCluster } from "./pool/guarded-pool.ts";
import { Seeds } from "./pool/seeds.ts";
import { tolerateAbsentLeaders } from "./protocol/absent-leaders.ts";
import { boundDecoder } from "./protocol/bounded-decoder.ts";
import { replaceFetchDecoder } from "./protocol/fetch-decoding.ts";
import { keepProduceAnswers } from "./protocol/produce-answers.ts";
import { replaceProduceEncoder } from "./protocol/produce-encoding.ts";

/* README.md beside this file lists what is repaired in kafkajs 2.2.4, and why. */

let isRepaired = false;

/** Repairs what all clients in the process share. Only the first call changes anything. */
export function repairLibrary(): void {
  if (isRepaired) return;
  isRepaired = true;
  registerCompressionCodecs();
  tolerateAbsentLeaders();
  replaceProduceEncoder();
  replaceFetchDecoder();
  boundDecoder();
  keepProduceAnswers();
}

/** Repairs the connections of all clients that a `Kafka` creates after this call. */
export function repairClients(kafka: Kafka, brokers: readonly string[]): void {
  const seeds = new Seeds(brokers);
  const failures = brokerFailuresOf(kafka);
  guardClusters(kafka, (cluster) => {
    guardCluster(cluster, seeds, failures);
  });
}
