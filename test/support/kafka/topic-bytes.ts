import { once } from "node:events";
import { connect } from "node:net";

const DESCRIBE_LOG_DIRS = { apiKey: 35, apiVersion: 1 };

/** The bytes that each topic takes in the files of one broker, of which kafkajs does not tell. */
export async function topicBytesAt(
  broker: string,
): Promise<ReadonlyMap<string, number>> {
  const answer = new Fields(await ask(broker));
  answer.int32(); // throttle time
  const bytes = new Map<string, number>();
  answer.each(() => {
    answer.int16(); // error
    answer.text(); // folder
    answer.each(() => {
      const topic = answer.text();
      answer.each(() => {
        answer.int32(); // partition
        bytes.set(topic, (bytes.get(topic) ?? 0) + answer.int64());
        answer.int64(); // lag of the offsets
        answer.skip(1); // whether a copy that is moved here
      });
    });
  });
  return bytes;
}

/** Asks for all topics; resolves to the body of the answer. */
async function ask(broker: string): Promise<Buffer> {
  const [host = "", port = ""] = broker.split(":");
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(DESCRIBE_LOG_DIRS.apiKey, 4);
  request.writeInt16BE(DESCRIBE_LOG_DIRS.apiVersion, 6);
  request.writeInt16BE(-1, 12); // no client id
  request.writeInt32BE(-1, 14); // all topics
  const socket = connect(Number(port), host);
  try {
    await once(socket, "connect");
    socket.write(request);
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0))
        return answer.subarray(8);
    }
    throw new Error(`${broker} closed the connection without an answer`);
  } finally {
    socket.destroy();
  }
}

/** Reads the fields of an answer, one after the other. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(bytes: number): number {
    this.#at += bytes;
    return this.#at - bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.skip(4));
  }

  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.skip(8)));
  }

  text(): string {
    const length = this.int16();
    const start = this.skip(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  each(read: () => void): void {
    for (let left = this.int32(); left > 0; left--) read();
  }
}
