/** What `check` is answered. */
export interface RegistryAnswer {
  readonly status: number;
  readonly json: unknown;
}

/** A list of all subjects may be long. */
const MOST_ASKED_BYTES = 16 * 1024 * 1024;

/** The JSON of a body; undefined when it is none. Rejects when it is too large. */
export async function boundedJson(
  body: AsyncIterable<Buffer>,
): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_ASKED_BYTES)
      throw new Error(`its answer is larger than ${MOST_ASKED_BYTES} bytes`);
    chunks.push(chunk);
  }
  return jsonOf(Buffer.concat(chunks).toString("utf8"));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
