import { Writable } from "node:stream";

/** A terminal that keeps what is written to it. */
export function terminal() {
  let text = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: true, columns: 120 }),
    text: () => text,
  };
}
