import kafkajs from "kafkajs";

/**
 * Reads the ids of the brokers that one broker knows. Rejects after one attempt while the broker
 * starts, so that the caller can poll it.
 */
export async function readBrokerIds(broker: string): Promise<number[]> {
  const kafka = new kafkajs.Kafka({
    brokers: [broker],
    retry: { retries: 0 },
    connectionTimeout: 1_000,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error("it knows no broker yet");
    return brokers.map(({ nodeId }) => nodeId);
  } finally {
    await admin.disconnect();
  }
}
