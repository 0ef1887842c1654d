import type { Mechanism } from "../client/kafkajs.ts";
import { membersIn } from "../../security/one-request.ts";
import type { AccessTokens } from "../../security/tokens/access-tokens.ts";

/** A broker refuses the token. */
class RefusedToken extends Error {
  override readonly name = "RefusedToken";
  readonly retriable = false;
}

/** SASL extensions by their names (RFC 7628, section 3.1). */
export type Extensions = Readonly<Record<string, string>>;

const SEPARATOR = "\u0001";

/**
 * Creates the login by OAUTHBEARER (RFC 7628): one message with the token, which a broker answers
 * only to refuse it. The mechanism of kafkajs takes that answer for a success.
 */
export function createOauthBearer(
  tokens: AccessTokens,
  extensions: Extensions,
): Mechanism {
  return {
    mechanism: "oauthbearer",
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const message = messageOf(await tokens.token(), extensions);
        const answer = await saslAuthenticate<Buffer>({
          request: { encode: () => sized(Buffer.from(message)) },
          response: { decode: unsized, parse: (bytes) => bytes },
        });
        if (answer instanceof Buffer && answer.length > 0)
          throw new RefusedToken(reasonIn(answer.toString("utf8")));
      },
    }),
  };
}

function messageOf(token: string, extensions: Extensions): string {
  const pairs = Object.entries({ auth: `Bearer ${token}`, ...extensions });
  const members = pairs.map(([name, value]) => `${name}=${value}${SEPARATOR}`);
  return `n,,${SEPARATOR}${members.join("")}${SEPARATOR}`;
}

/** The `status` of an answer in JSON (RFC 7628, section 3.2.2), else all of it. */
function reasonIn(answer: string): string {
  const { status } = membersIn(answer);
  return typeof status === "string" ? status : answer;
}

/** Puts the length before the bytes: kafkajs passes on logins in the form that old brokers exchange. */
function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function unsized(bytes: Buffer): Buffer {
  return bytes.subarray(4);
}
