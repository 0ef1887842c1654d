/** A response is larger than any that its server is expected to send. */
export class TooLargeAnswer extends Error {
  override readonly name = "TooLargeAnswer";
}

/** Reads the whole text of a response. Rejects, and closes the connection, once it has more than `mostBytes`. */
export async function boundedText(
  body: AsyncIterable<Buffer>,
  mostBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new TooLargeAnswer(
        `its answer is larger than ${mostBytes} bytes, which is the most that is read`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString("utf8");
}
