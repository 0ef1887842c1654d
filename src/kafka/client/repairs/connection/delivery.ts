import type { Connection } from "../kafkajs-internals.ts";
import type { Frames } from "./frames.ts";
import { kindOf } from "./request-kinds.ts";

/** Gives each answer that is complete with this chunk to the request that waits for it. Throws a FrameError. */
export function deliverAnswers(
  connection: Connection,
  frames: Frames,
  chunk: Buffer,
): void {
  const { requestQueue } = connection;
  const expected = () => ({
    isRaw: connection.authHandlers !== null,
    awaits: (id: number) => {
      const entry = requestQueue.inflight.get(id)?.entry;
      return entry ? { kind: kindOf(entry.apiKey) } : null;
    },
  });
  for (const frame of frames.take(chunk, expected))
    if (connection.authHandlers !== null)
      connection.authHandlers.onSuccess(frame);
    else
      requestQueue.fulfillRequest({
        correlationId: frame.readInt32BE(4),
        payload: frame.subarray(8),
        size: frame.length - 4,
      });
}
