// Codecs with a native part are loaded with their first record, and one that does not load says so.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { placeOf } from "../../support/documents/markdown.ts";

/** Runs each codec there and back in a process in which no native codec can be loaded. */
const program = `
import { registerHooks } from "node:module";
import kafkajs from "kafkajs";
registerHooks({
  resolve(specifier, context, next) {
    if (/^(snappy|lz4-napi)$/.test(specifier)) throw new Error("no native library");
    return next(specifier, context);
  },
});
const { compressionTypes, registerCompressionCodecs } = await import(${JSON.stringify(placeOf("src/kafka/client/compression.ts"))});
registerCompressionCodecs();
const results = {};
for (const [name, type] of Object.entries(compressionTypes).filter(([name]) => name !== "none")) {
  const codec = kafkajs.CompressionCodecs[type]();
  try {
    const packed = await codec.compress({ buffer: Buffer.from("records") });
    results[name] = String(await codec.decompress(packed));
  } catch (error) {
    results[name] = [error.message, error.cause.message].join(": ");
  }
}
process.stdout.write(JSON.stringify(results));
`;

it("a machine without native codecs can use the others, and is told which", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { cwd: placeOf(".") },
  );
  const refusal = (name: string) =>
    `${name} can't be used on this machine, because its native library does not load; set kafka.compression to gzip or zstd: no native library`;
  expect(JSON.parse(stdout)).toEqual({
    gzip: "records",
    zstd: "records",
    snappy: refusal("snappy"),
    lz4: refusal("lz4"),
  });
});
