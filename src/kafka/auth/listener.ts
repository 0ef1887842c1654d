import net, { type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import tls from "node:tls";
import type { TlsOptions } from "../../security/tls-options.ts";
import { parseAddress } from "../client/repairs/pool/seeds.ts";

/** What a broker's listener says about itself. */
export interface Listener {
  readonly isTls: boolean;
  /** The SASL mechanisms that it offers; empty when it takes no login. */
  readonly mechanisms: readonly string[];
}

const TIMEOUT_MS = 3_000;
const MOST_BYTES = 64 * 1024;
const SASL_HANDSHAKE = 17;
const CORRELATION_ID = 1;
const UNSUPPORTED_SASL_MECHANISM = 33;
const ILLEGAL_SASL_STATE = 34;

/**
 * Asks a listener (`host:port`) what it is, first without TLS and then with it. Returns null when
 * it does not answer as Kafka does. Rejects when the TLS handshake fails.
 */
export async function probeListener(
  address: string,
  tlsOptions: TlsOptions | false,
): Promise<Listener | null> {
  const { host, port } = parseAddress(address);
  const plain = net.connect({ host, port });
  const answer = await handshake(plain).catch(() => null);
  if (answer !== null) return { isTls: false, mechanisms: answer };
  const secure = tls.connect({
    host,
    port,
    ...(net.isIP(host) === 0 && { servername: host }),
    ...(tlsOptions === false ? { rejectUnauthorized: true } : tlsOptions),
  });
  const secureAnswer = await handshake(secure);
  return secureAnswer === null
    ? null
    : { isTls: true, mechanisms: secureAnswer };
}

/**
 * Asks for a SASL mechanism that does not exist (Kafka protocol guide, "SaslHandshake"). A listener
 * with login answers with its mechanisms, one without login with ILLEGAL_SASL_STATE.
 */
async function handshake(socket: Socket): Promise<readonly string[] | null> {
  addAbortSignal(AbortSignal.timeout(TIMEOUT_MS), socket);
  // The socket may fail again after nobody reads it.
  socket.on("error", () => undefined);
  socket.write(handshakeRequest("?"));
  let received = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      if (received.length < 4) continue;
      const size = received.readUInt32BE(0);
      if (size > MOST_BYTES) return null;
      if (received.length >= 4 + size) return parseMechanisms(received);
    }
  } catch (error) {
    // The timeout has aborted the socket.
    if (error instanceof Error && error.name === "AbortError") return null;
    throw error;
  }
  return null;
}

/** Encodes version 0 of the request, without a client id. */
function handshakeRequest(mechanism: string): Buffer {
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + 2 + mechanism.length);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(SASL_HANDSHAKE, at);
  at = request.writeInt16BE(0, at);
  at = request.writeInt32BE(CORRELATION_ID, at);
  at = request.writeInt16BE(-1, at);
  at = request.writeInt16BE(mechanism.length, at);
  request.write(mechanism, at, "latin1");
  return request;
}

/** The rule of SASL for names of mechanisms (RFC 4422, section 3.1). */
const mechanismName = /^[A-Z0-9_-]{1,20}$/;

function parseMechanisms(response: Buffer): readonly string[] | null {
  try {
    if (response.readInt32BE(4) !== CORRELATION_ID) return null;
    const errorCode = response.readInt16BE(8);
    if (errorCode === ILLEGAL_SASL_STATE) return [];
    if (errorCode !== UNSUPPORTED_SASL_MECHANISM) return null;
    const mechanisms: string[] = [];
    let at = 14;
    for (let left = response.readInt32BE(10); left > 0; left--) {
      const end = at + 2 + response.readInt16BE(at);
      const mechanism = response.toString("latin1", at + 2, end);
      if (!mechanismName.test(mechanism)) return null;
      mechanisms.push(mechanism);
      at = end;
    }
    return mechanisms;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
