import type { Socket } from "node:net";

/** Cuts a stream into Kafka's frames, each with its length in front, and takes them one by one. */
export function forEachFrame(
  socket: Socket,
  take: (frame: Buffer) => Promise<void>,
): void {
  let rest: Buffer = Buffer.alloc(0);
  let line = Promise.resolve();
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const end = 4 + rest.readInt32BE(0);
      if (rest.length < end) break;
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      line = line.then(() => take(frame));
    }
  });
}
