import kafkajs, { type Producer } from "kafkajs";

/** A producer as kafkajs makes it, with the safety that sell-kafka asks for. */
export async function bareProducer(brokers: string): Promise<Producer> {
  const kafka = new kafkajs.Kafka({
    brokers: brokers.split(","),
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return producer;
}
