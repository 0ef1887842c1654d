import kafkajs, { type Admin, type Kafka } from "kafkajs";
import { abortable } from "../pipeline/abortable.ts";
import { UnavailableFault } from "../pipeline/faults.ts";
import { tolerateAbsentLeaders } from "./absent-leaders.ts";
import { registerCompressionCodecs } from "./compression.ts";
import { reasonOf } from "./errors.ts";

export interface ConnectionOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Takes what kafkajs logs, for whoever looks into a fault: its callers are told of every error that stands. */
  readonly debug: (message: string, facts: object) => void;
}

/** A kafkajs client of the cluster; nothing is connected yet. */
export function connectTo({
  brokers,
  clientId,
  debug,
}: ConnectionOptions): Kafka {
  registerCompressionCodecs();
  tolerateAbsentLeaders();
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 2_000 },
    logCreator:
      () =>
      ({ namespace, log: { message, ...facts } }) => {
        debug(message, { ...facts, logger: `kafkajs/${namespace}` });
      },
  });
}

/** Runs one task with a connected admin client. Rejects with an UnavailableFault when no broker is reached. */
export async function withAdmin<T>(
  kafka: Kafka,
  signal: AbortSignal,
  task: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  try {
    try {
      await abortable(admin.connect(), signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw new UnavailableFault(`Kafka can't be reached: ${reasonOf(cause)}`, {
        cause,
      });
    }
    return await abortable(task(admin), signal);
  } finally {
    void admin.disconnect().catch(() => undefined);
  }
}

/** The cluster's id, which every principal may read; null when the cluster reports none. */
export async function clusterIdOf(
  kafka: Kafka,
  signal: AbortSignal,
): Promise<string | null> {
  return withAdmin(kafka, signal, async (admin) => {
    const { clusterId } = (await admin.describeCluster()) as {
      clusterId: string | null;
    };
    return clusterId === "" ? null : clusterId;
  });
}
