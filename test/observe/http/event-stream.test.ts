// A page that does not read costs the memory of one state.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { EventStream } from "../../../src/observe/http/event-stream.ts";

const STATE_BYTES = 8_000_000;

it("keeps no more than one state for a page that does not read", async () => {
  let states = 0;
  using stream = new EventStream();
  const state = () => {
    states++;
    return "x".repeat(STATE_BYTES);
  };
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => {
    responses.push(response);
    stream.add(response, state);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  // Nobody listens to its data, so it reads no more than its buffers hold.
  const unread = connect(port, "127.0.0.1");
  await once(unread, "connect");
  unread.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => responses.length).toBe(1);
  const read = connect(port, "127.0.0.1").resume();
  read.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await expect.poll(() => states, { timeout: 10_000 }).toBeGreaterThan(3);
  const [response] = responses;
  expect(response?.writableLength).toBeGreaterThan(0);
  expect(response?.writableLength).toBeLessThan(STATE_BYTES + 1_000);

  unread.destroy();
  read.destroy();
  await expect.poll(() => response?.destroyed).toBe(true);
  server.close();
});
