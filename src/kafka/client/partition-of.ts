export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The partition as a text, to be a key in maps and sets. */
export function partitionId({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}

/** The partition that the default partitioner of Java's producer chooses for a key. */
export function partitionOf(key: string | Buffer, partitions: number): number {
  const bytes = typeof key === "string" ? bytesOf(key) : key;
  return (murmur2(bytes) & 0x7fffffff) % partitions;
}

/** Holds the bytes of a short key: a buffer of its own for each key takes longer than the hash. */
const shortKeys = Array.from({ length: 40 }, (_, bytes) =>
  Buffer.allocUnsafeSlow(bytes),
);

/** The UTF-8 of a key, until the next call. */
function bytesOf(key: string): Buffer {
  const short = shortKeys[key.length];
  if (short === undefined) return Buffer.from(key, "utf8");
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at);
    if (code > 0x7f) return Buffer.from(key, "utf8");
    short[at] = code;
  }
  return short;
}

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/**
 * `Utils.murmur2` of Kafka's Java client, in time linear to the length. The one of kafkajs 2.2.4
 * computes with integers that grow without bound: a key of 1 MB takes it minutes.
 */
export function murmur2(data: Buffer): number {
  const whole = data.length & ~3;
  let hash = SEED ^ data.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(data.readInt32LE(at), MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  if (whole < data.length) {
    const rest = data.readUIntLE(whole, data.length - whole);
    hash = Math.imul(hash ^ rest, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
