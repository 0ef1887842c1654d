import type { Kafka } from "kafkajs";
import { tolerateAbsentLeaders } from "./absent-leaders.ts";
import { boundDecoder } from "./bounded-decoder.ts";
import { guardClusters } from "../client/cluster.ts";
import { registerCompressionCodecs } from "../client/compression.ts";
import { failedAttemptsOf } from "../client/failed-attempts.ts";
import { guardCluster } from "./guarded-pool.ts";
import { keepProduceAnswers } from "./produce-answers.ts";
import { encodeRecordsAtOnce } from "./record-encoding.ts";
import { Seeds } from "./seeds.ts";

/*
 * What is repaired in kafkajs 2.2.4, whose last release was in 2023, and why:
 *
 * - A seed broker is given up only when its TCP connection fails, and every client begins with the
 *   first of the list. One that accepts and is silent, closes at the first request, fails in TLS or
 *   login, or is no Kafka broker, kept everything from starting. Here a seed has to connect, log in
 *   and name brokers; the next one starts after 1.5 s or any failure, the first that is ready is
 *   used, and the next client begins with it (`guarded-pool.ts`, `first-of.ts`, `seeds.ts`).
 * - An attempt at a broker that fails is told of only when the whole call has failed, after more
 *   than a minute where a broker is silent (`../client/failed-attempts.ts`).
 * - A broker that falls silent later keeps its connection, and each request waits for its 30 s. Here
 *   a connection ends with the first request that gets no answer, the requests that every broker
 *   answers at once have 10 s, and metadata is asked of another broker then.
 * - Any bytes for an answer: a negative length is an exception that ends the process, an endless
 *   frame takes all the memory, and an unknown correlation id leaves its request waiting. Here
 *   that ends the one connection, with an error that names it (`guarded-connection.ts`, `frames.ts`).
 * - A decoder that reads behind the end of its buffer, and makes room for as many elements as an
 *   array claims (`bounded-decoder.ts`); records that unpack without limit (`fetch-budget.ts`).
 * - A connection that ends during a login is told as a login that was refused; an error with
 *   several causes, that of a host with two addresses, as an empty text; an unreachable advertised
 *   address as a TypeError.
 * - `[::1]:9092` is split at its first colon (`seeds.ts`).
 * - Metadata with a partition that has no leader is refused (`absent-leaders.ts`), and records are
 *   encoded slowly (`record-encoding.ts`).
 * - The first refusal in the answer to a produce request hides the answers for the other partitions
 *   (`produce-answers.ts`).
 */

let isRepaired = false;

/** Repairs what all clients in the process share; calls behind the first change nothing. */
export function repairLibrary(): void {
  if (isRepaired) return;
  isRepaired = true;
  registerCompressionCodecs();
  tolerateAbsentLeaders();
  encodeRecordsAtOnce();
  boundDecoder();
  keepProduceAnswers();
}

/** Repairs the connections of all clients that a `Kafka` makes from now on. */
export function repairClients(kafka: Kafka, brokers: readonly string[]): void {
  const seeds = new Seeds(brokers);
  const attempts = failedAttemptsOf(kafka);
  guardClusters(kafka, (cluster) => {
    guardCluster(cluster, seeds, attempts);
  });
}
