import zlib from "node:zlib";
import kafkajs from "kafkajs";
import {
  bytesToUnpack,
  countUnpacked,
  tooLarge,
} from "./repairs/protocol/fetch-budget.ts";

const { CompressionCodecs, CompressionTypes } = kafkajs;

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

export const compressionTypes: Readonly<
  Record<Compression, kafkajs.CompressionTypes>
> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

interface Encoded {
  readonly buffer: Buffer;
}

/** Loads a codec that has a native part with its first record: the others need none. */
async function loaded<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new Error(
      `${name} can't be used on this machine, because its native library does not load; set kafka.compression to gzip or zstd`,
      { cause },
    );
  }
}

const lz4 = () => loaded("lz4", () => import("lz4-napi"));
const snappy = () => loaded("snappy", () => import("snappy"));

/** Java's producers frame snappy blocks: magic, two version ints, then blocks behind their lengths. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

async function unsnapFramed(framed: Buffer): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let at = XERIAL_HEADER_BYTES;
  let bytes = 0;
  while (at < framed.length) {
    const end = at + 4 + framed.readUInt32BE(at);
    const block = await unsnapBlock(framed.subarray(at + 4, end), bytes);
    blocks.push(block);
    bytes += block.length;
    at = end;
  }
  return Buffer.concat(blocks);
}

/** A block begins with its unpacked size, and the decoder allocates that size at once. */
async function unsnapBlock(block: Buffer, before = 0): Promise<Buffer> {
  let size = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at);
    size += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) break;
  }
  if (before + size > bytesToUnpack()) throw tooLarge();
  const { uncompress } = await snappy();
  return Buffer.from(await uncompress(block));
}

/** LZ4 packs at most 255 bytes into one. */
const BEST_LZ4_RATIO = 255;

/** The largest size of a block, by a number in the header (LZ4 frame format, "Block Maximum Size"). */
const lz4BlockBytes = [4, 5, 6, 7].map((id) => 2 ** (8 + 2 * id));

/** The upper bound of a frame's unpacked size: its decoder has no limit. */
function mostUnlz4Bytes(frame: Buffer): number {
  const byRatio = frame.length * BEST_LZ4_RATIO;
  const flags = frame.readUInt8(4);
  const blockBytes = lz4BlockBytes[((frame.readUInt8(5) >> 4) & 0x7) - 4];
  if (blockBytes === undefined) return byRatio;
  const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let blocks = 0;
  while (at + 4 <= frame.length) {
    const blockSize = frame.readUInt32LE(at) & 0x7fffffff;
    at += 4;
    if (blockSize === 0) break;
    at += blockSize + checksumBytes;
    blocks++;
  }
  const isOneFrame = frame.length - at <= 4;
  return isOneFrame ? Math.min(blocks * blockBytes, byRatio) : byRatio;
}

async function unlz4(frame: Buffer): Promise<Buffer> {
  const { decompressFrame } = await lz4();
  if (mostUnlz4Bytes(frame) > bytesToUnpack()) throw tooLarge();
  return decompressFrame(frame);
}

/** Counts the unpacked bytes against the budget of the answer that is being read. */
function counted(unpack: (block: Buffer) => Buffer | Promise<Buffer>) {
  return async (block: Buffer) => {
    try {
      const unpacked = await unpack(block);
      countUnpacked(unpacked.length);
      return unpacked;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === "ERR_BUFFER_TOO_LARGE" ? tooLarge() : error;
    }
  };
}

/** The memory of a batch is written over once `compress` has returned, so what still reads it gets a copy. */
function onThread(compress: (block: Buffer) => Promise<Buffer>) {
  return ({ buffer }: Encoded) => compress(Buffer.from(buffer));
}

/**
 * The size of the buffer that a batch is packed into. Most results fit, and larger ones take several
 * buffers. The default of Node.js, 16 KiB, stays in memory for each small batch.
 */
function packedBufferBytes({ length }: Buffer): number {
  return Math.max(zlib.constants.Z_MIN_CHUNK, Math.ceil(length / 4));
}

/**
 * Registers the codecs for all clients of kafkajs in the process, which has only gzip built in.
 * They run synchronously: a record batch is small, and on a thread of its own gzip takes two
 * thirds more time, zstd three times as much. gzip level 1 takes half the time of level 6.
 */
export function registerCompressionCodecs(): void {
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: ({ buffer }: Encoded) =>
      zlib.gzipSync(buffer, {
        level: zlib.constants.Z_BEST_SPEED,
        chunkSize: packedBufferBytes(buffer),
      }),
    decompress: counted((block) =>
      zlib.gunzipSync(block, { maxOutputLength: bytesToUnpack() }),
    ),
  });
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: onThread(async (block) => (await snappy()).compress(block)),
    decompress: counted((block) =>
      block.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)
        ? unsnapFramed(block)
        : unsnapBlock(block),
    ),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: onThread(async (block) => (await lz4()).compressFrame(block)),
    decompress: counted(unlz4),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: Encoded) =>
      zlib.zstdCompressSync(buffer, { chunkSize: packedBufferBytes(buffer) }),
    decompress: counted((block) =>
      zlib.zstdDecompressSync(block, { maxOutputLength: bytesToUnpack() }),
    ),
  });
}
