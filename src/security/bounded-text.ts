/** An answer is larger than anything that is expected of its server. */
export class TooLargeAnswer extends Error {
  override readonly name = "TooLargeAnswer";
}

/** The whole text of an answer; rejects, and ends the connection, once it has more than `mostBytes`. */
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
