import zlib from "node:zlib";
import kafkajs from "kafkajs";
import { compressFrame, decompressFrame } from "lz4-napi";
import { compress as snap, uncompress as unsnap } from "snappy";

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

/** Java's snappy producers frame their blocks: magic, two version ints, then length-prefixed blocks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEADER_BYTES = 16;

async function unsnapFramed(framed: Buffer): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let at = XERIAL_HEADER_BYTES;
  while (at < framed.length) {
    const end = at + 4 + framed.readUInt32BE(at);
    blocks.push(Buffer.from(await unsnap(framed.subarray(at + 4, end))));
    at = end;
  }
  return Buffer.concat(blocks);
}

/**
 * kafkajs has only gzip built in; this teaches it the others, for all its clients in the process.
 * A partition's part of a write is small: on a thread of its own, its gzip would cost two thirds
 * more time, its zstd three times as much. gzip level 1 takes half the time of level 6. What is
 * read back was written in as small parts, a journal's most of all.
 */
export function registerCompressionCodecs(): void {
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: ({ buffer }: Encoded) =>
      zlib.gzipSync(buffer, { level: zlib.constants.Z_BEST_SPEED }),
    decompress: (block: Buffer) => zlib.gunzipSync(block),
  });
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: ({ buffer }: Encoded) => snap(buffer),
    decompress: async (block: Buffer) =>
      block.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)
        ? unsnapFramed(block)
        : Buffer.from(await unsnap(block)),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: Encoded) => compressFrame(buffer),
    decompress: decompressFrame,
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: Encoded) => zlib.zstdCompressSync(buffer),
    decompress: (block: Buffer) => zlib.zstdDecompressSync(block),
  });
}
