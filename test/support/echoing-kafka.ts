import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;
const UNSUPPORTED_SASL_MECHANISM = 33;
const SASL_AUTHENTICATION_FAILED = 58;
const mechanisms = ["PLAIN", "OAUTHBEARER"];

/** A broker that refuses every login, and repeats in its refusal what it was sent. */
export async function startEchoingKafka(): Promise<
  AsyncDisposable & { readonly broker: string; readonly logins: string[] }
> {
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4) {
        const size = received.readInt32BE(0);
        if (received.length < 4 + size) return;
        const answer = answerTo(received.subarray(4, 4 + size), logins);
        socket.write(Buffer.concat([int32(answer.length), answer]));
        received = received.subarray(4 + size);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    broker: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    logins,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Request headers: key, version, correlation id, client id (Kafka protocol guide). */
function answerTo(request: Buffer, logins: string[]): Buffer {
  const version = request.readInt16BE(2);
  const correlationId = request.subarray(4, 8);
  const clientIdLength = request.readInt16BE(8);
  const body = request.subarray(10 + Math.max(0, clientIdLength));
  const answer = (...parts: Buffer[]) =>
    Buffer.concat([correlationId, ...parts]);
  switch (request.readInt16BE(0)) {
    case API_VERSIONS:
      return answer(
        int16(0),
        int32(3),
        ...[SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE].map((key) =>
          Buffer.concat([int16(key), int16(0), int16(1)]),
        ),
        ...(version > 0 ? [int32(0)] : []),
      );
    case SASL_HANDSHAKE: {
      const isOffered = mechanisms.includes(body.toString("latin1", 2));
      return answer(
        int16(isOffered ? 0 : UNSUPPORTED_SASL_MECHANISM),
        int32(mechanisms.length),
        ...mechanisms.map(text),
      );
    }
    default: {
      const login = body.toString("utf8", 4);
      logins.push(login);
      return answer(
        int16(SASL_AUTHENTICATION_FAILED),
        text(`nobody may log in by ${login}`),
        int32(0),
        ...(version > 0 ? [Buffer.alloc(8)] : []),
      );
    }
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
