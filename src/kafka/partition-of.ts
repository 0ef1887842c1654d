import kafkajs from "kafkajs";

const partitioner = kafkajs.Partitioners.DefaultPartitioner();

/** The partition that Java's producer, and this one, put a key on (murmur2). */
export function partitionOf(key: string, partitions: number): number {
  return partitioner({
    topic: "",
    partitionMetadata: Array.from({ length: partitions }, (_, id) => ({
      partitionErrorCode: 0,
      partitionId: id,
      leader: 0,
      replicas: [],
      isr: [],
    })),
    message: { key, value: null },
  });
}
