import { FalseBroker, int16, int32, text } from "./false-broker.ts";
import { forEachFrame } from "./kafka-proxy.ts";

const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;
const UNSUPPORTED_SASL_MECHANISM = 33;
const SASL_AUTHENTICATION_FAILED = 58;
const mechanisms = ["PLAIN", "OAUTHBEARER"];

/** A broker that refuses every login, and repeats in its refusal what it was sent. */
export async function startEchoingKafka(): Promise<
  FalseBroker & { readonly logins: string[] }
> {
  const logins: string[] = [];
  const broker = await FalseBroker.rude((socket) => {
    forEachFrame(socket, (frame) => {
      const answer = answerTo(frame.subarray(4), logins);
      socket.write(Buffer.concat([int32(answer.length), answer]));
    });
  });
  return Object.assign(broker, { logins });
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
