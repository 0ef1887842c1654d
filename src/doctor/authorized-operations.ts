import type { AskedBroker } from "../kafka/client/cluster.ts";
import { FieldReader } from "../kafka/client/kafkajs.ts";

/** Kafka's numbers for the operations of an ACL. */
const OPERATIONS = { read: 3, write: 4 } as const;

export type Operation = keyof typeof OPERATIONS;

/** What this client's principal may do with a topic; `hidden` when it may not even learn whether the topic exists. */
export type Rights =
  | { readonly kind: "granted"; readonly operations: ReadonlySet<Operation> }
  | { readonly kind: "missing" }
  | { readonly kind: "hidden" };

const METADATA = 3;
/** The first version with the principal's operations (KIP-430), which came with Kafka 2.3. */
const VERSION = 8;
const NOT_TOLD = -2_147_483_648;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Asks the broker what this principal may do with topics; null when it does not tell. Creates no topic. */
export async function authorizedOperations(
  broker: AskedBroker,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Rights> | null> {
  const known = broker.versions?.[METADATA];
  if (known === undefined || known.maxVersion < VERSION) return null;
  const found = await broker.connectionPool.send({
    request: {
      apiKey: METADATA,
      apiVersion: VERSION,
      apiName: "Metadata",
      encode: () => Promise.resolve(encoded(requestOf(topics))),
    },
    response: {
      decode: (bytes) => Promise.resolve(topicsIn(new FieldReader(bytes))),
      parse: (answer) => Promise.resolve(answer),
    },
  });
  if (found.some(({ operations }) => operations === NOT_TOLD)) return null;
  return new Map(found.map((topic) => [topic.name, rightsOf(topic)]));
}

interface Topic {
  readonly name: string;
  readonly error: number;
  readonly operations: number | null;
}

function rightsOf({ error, operations }: Topic): Rights {
  if (error === TOPIC_AUTHORIZATION_FAILED) return { kind: "hidden" };
  if (operations === null) return { kind: "missing" };
  const names = Object.keys(OPERATIONS) as Operation[];
  const granted = names.filter((name) => operations & (1 << OPERATIONS[name]));
  return { kind: "granted", operations: new Set(granted) };
}

function requestOf(topics: readonly string[]): Buffer {
  const names = topics.map((topic) => {
    const bytes = Buffer.alloc(2 + Buffer.byteLength(topic));
    bytes.writeInt16BE(bytes.length - 2);
    bytes.write(topic, 2);
    return bytes;
  });
  const count = Buffer.alloc(4);
  count.writeInt32BE(topics.length);
  // Flags: create no topics; leave out the cluster's operations; include those of the topics.
  return Buffer.concat([count, ...names, Buffer.from([0, 0, 1])]);
}

/** The form in which kafkajs expects an encoded request. */
function encoded(buffer: Buffer) {
  return { buf: buffer, buffer };
}

function topicsIn(reader: FieldReader): Topic[] {
  reader.readInt32(); // how long the client is throttled
  reader.readArray((broker) => {
    broker.readInt32();
    broker.readString();
    broker.readInt32();
    broker.readString();
  });
  reader.readString(); // the cluster's id
  reader.readInt32(); // the controller
  return reader.readArray((topic) => {
    const error = topic.readInt16();
    const name = topic.readString() ?? "";
    topic.readBoolean();
    topic.readArray((partition) => {
      partition.readInt16();
      partition.readInt32();
      partition.readInt32();
      partition.readInt32(); // the leader's epoch
      for (let list = 0; list < 3; list++)
        partition.readArray((replica) => replica.readInt32());
    });
    const operations = topic.readInt32();
    return { name, error, operations: error === 0 ? operations : null };
  });
}
