/** Confluent's wire format: a zero byte and the schema's id in four bytes, then the body. */
const MAGIC_BYTE = 0;

/** The bytes before the body. */
export const HEAD_BYTES = 5;

export function writeHead(value: Buffer, schemaId: number): void {
  value.writeUInt8(MAGIC_BYTE, 0);
  value.writeUInt32BE(schemaId, 1);
}

/** The id of the schema that a value names; null when the value is not in Confluent's wire format. */
export function schemaIdIn(value: Buffer): number | null {
  return value.length >= HEAD_BYTES && value[0] === MAGIC_BYTE
    ? value.readUInt32BE(1)
    : null;
}

/** What follows the head. */
export function bodyOf(value: Buffer): Buffer {
  return value.subarray(HEAD_BYTES);
}
