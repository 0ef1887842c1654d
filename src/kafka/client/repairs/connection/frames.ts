/** How many bytes an answer may have, by its kind. */
const MOST_BYTES = {
  /** Versions and logins. */
  first: 1024 * 1024,
  /** The metadata of a hundred thousand partitions takes a tenth of it. */
  other: 32 * 1024 * 1024,
  /** What Kafka accepts in a request (`socket.request.max.bytes`). */
  records: 100 * 1024 * 1024,
} as const;

/** Whether an answer comes before the login ends, holds records, or is any other. */
export type AnswerKind = keyof typeof MOST_BYTES;

const SIZE_BYTES = 4;
const CORRELATION_ID_BYTES = 4;

/** The bytes of a server are no answer of a Kafka broker. */
class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Which frames may come at this moment. */
export interface Expected {
  /** Whether a login before Kafka 1.0 is under way, whose frames have no correlation id. */
  readonly isRaw: boolean;
  /** Returns the request that waits for the answer; null when there is none. */
  readonly awaits: (correlationId: number) => { kind: AnswerKind } | null;
}

/**
 * Cuts a stream into frames: a length of four bytes, then so many bytes. It refuses a frame that
 * nothing waits for by its first eight bytes, before it keeps any of it.
 */
export class Frames {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Yields the complete frames, with their lengths. Calls `expected` for each. Throws a FrameError. */
  *take(chunk: Buffer, expected: () => Expected): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (;;) {
      if (this.#bytes < SIZE_BYTES) return;
      const frameBytes = SIZE_BYTES + this.#verifiedSize(expected());
      if (this.#bytes < frameBytes) return;
      const all = this.#joined();
      this.#bytes = all.length - frameBytes;
      this.#chunks = this.#bytes === 0 ? [] : [all.subarray(frameBytes)];
      yield all.subarray(0, frameBytes);
    }
  }

  #verifiedSize({ isRaw, awaits }: Expected): number {
    const start = this.#head();
    const size = start.readInt32BE(0);
    const verify = (least: number, most: number) => {
      if (size < least || size > most)
        throw new FrameError(
          detectProtocol(start) ??
            `it announces an answer of ${size} bytes, which must be between ${least} and ${most}`,
        );
    };
    if (isRaw) verify(0, MOST_BYTES.first);
    else verify(CORRELATION_ID_BYTES, MOST_BYTES.records);
    if (isRaw || start.length < SIZE_BYTES + CORRELATION_ID_BYTES) return size;
    const correlationId = start.readInt32BE(SIZE_BYTES);
    const request = awaits(correlationId);
    if (request === null)
      throw new FrameError(
        `it answers a request that is not under way (correlation id ${correlationId})`,
      );
    verify(CORRELATION_ID_BYTES, MOST_BYTES[request.kind]);
    return size;
  }

  #head(): Buffer {
    const [first] = this.#chunks;
    const isWhole = first !== undefined && first.length >= 8;
    return isWhole ? first : this.#joined();
  }

  #joined(): Buffer {
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    const all = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [all];
    return all;
  }
}

function detectProtocol(start: Buffer): string | null {
  if (start.toString("latin1", 0, 4) === "HTTP") return "it speaks HTTP";
  // Record types 20 to 23, and the major version 3.
  const [type = 0, version] = start;
  const isTls = type >= 20 && type <= 23 && version === 3;
  return isTls ? "it speaks TLS, and this side does not" : null;
}
