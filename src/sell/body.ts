import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateSync,
  type ZlibOptions,
} from "node:zlib";
import type { Dispatcher } from "undici";
import { UnavailableFault } from "../domain/faults.ts";
import type { Answer } from "./answer.ts";

/** A message about an error shows only the beginning of its body. */
const MOST_ERROR_BYTES = 65_536;

/** How large the decompressed body of a success may be. */
export interface BodyLimit {
  readonly bytes: number;
  /** The configuration key of this limit, for the message; null when it is fixed. */
  readonly key: string | null;
}

/** Reads a response to its end. Rejects with an UnavailableFault when the body is too large or can't be decompressed. */
export async function readAnswer(
  response: Dispatcher.ResponseData,
  limit: BodyLimit,
): Promise<Answer> {
  const { statusCode: status } = response;
  const body =
    status >= 300
      ? // The status of an error tells enough when its body can't be read.
        await errorBody(response).catch(() => Buffer.alloc(0))
      : await wholeBody(response, limit);
  return {
    status,
    retryAfter: headerOf(response, "retry-after"),
    location: headerOf(response, "location"),
    body,
  };
}

async function wholeBody(
  response: Dispatcher.ResponseData,
  limit: BodyLimit,
): Promise<Buffer> {
  const { chunks, bytes } = await readUpTo(response.body, limit.bytes);
  if (bytes > limit.bytes) throw tooLarge(limit);
  const raw = concat(chunks, bytes);
  try {
    return decompress(raw, encodingOf(response), limit.bytes, {});
  } catch (error) {
    if (isTooLarge(error)) throw tooLarge(limit);
    throw error;
  }
}

async function errorBody(response: Dispatcher.ResponseData): Promise<Buffer> {
  const { chunks, bytes } = await readUpTo(response.body, MOST_ERROR_BYTES);
  const raw = concat(chunks, bytes).subarray(0, MOST_ERROR_BYTES);
  return decompress(raw, encodingOf(response), MOST_ERROR_BYTES, {
    // The body may be cut.
    finishFlush: constants.Z_SYNC_FLUSH,
  });
}

/** Stops reading, and closes the connection, at the first chunk beyond `mostBytes`. */
async function readUpTo(
  body: AsyncIterable<Buffer>,
  mostBytes: number,
): Promise<{ chunks: Buffer[]; bytes: number }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > mostBytes) break;
  }
  return { chunks, bytes };
}

function concat(chunks: readonly Buffer[], bytes: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined
    ? only
    : Buffer.concat(chunks, bytes);
}

/** Decompresses a body. zlib stops at `maxOutputLength`, so a small body can't fill the memory. */
function decompress(
  raw: Buffer,
  encoding: string,
  maxOutputLength: number,
  options: ZlibOptions,
): Buffer {
  if (raw.length === 0) return raw;
  switch (encoding) {
    case "":
    case "identity":
      return raw;
    case "gzip":
    case "x-gzip":
      // A page takes a third of a millisecond, less than handing it to another thread.
      return gunzipSync(raw, {
        ...options,
        maxOutputLength,
        chunkSize: unzippedBytes(raw),
      });
    case "deflate":
      return inflateSync(raw, { ...options, maxOutputLength });
    case "br":
      return brotliDecompressSync(raw, { maxOutputLength });
    default:
      throw new UnavailableFault(
        `Sell's answer is encoded as "${encoding.slice(0, 40)}", which was not asked for`,
      );
  }
}

/**
 * The size that gzip's trailer declares, within bounds: one buffer of that size saves a third of the
 * time. A false size only costs that time.
 */
function unzippedBytes(zipped: Buffer): number {
  const said = zipped.length < 4 ? 0 : zipped.readUInt32LE(zipped.length - 4);
  return Math.min(Math.max(said + 1, 16_384), 1_048_576);
}

function isTooLarge(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
}

function tooLarge({ bytes, key }: BodyLimit): UnavailableFault {
  const remedy = key === null ? "" : ` (${key}); raise it to read such a page`;
  return new UnavailableFault(
    `Sell's answer is larger than ${bytes} bytes${remedy}`,
  );
}

function encodingOf(response: Dispatcher.ResponseData): string {
  const encoding = headerOf(response, "content-encoding") ?? "";
  return encoding.trim().toLowerCase();
}

function headerOf(
  response: Dispatcher.ResponseData,
  name: string,
): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
