import type { Mechanism } from "../client/kafkajs.ts";
import type { ClientCredentials } from "./client-credentials.ts";

/** A broker refuses the token. */
class RefusedToken extends Error {
  override readonly name = "RefusedToken";
  readonly retriable = false;
}

const SEPARATOR = "\u0001";

/**
 * Creates the login by OAUTHBEARER (RFC 7628): one message with the token, which a broker answers
 * only to refuse it. The mechanism of kafkajs takes that answer for a success.
 */
export function createOauthBearer(credentials: ClientCredentials): Mechanism {
  return {
    mechanism: "oauthbearer",
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const token = await credentials.token();
        const message = `n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${SEPARATOR}`;
        const answer = await saslAuthenticate<Buffer>({
          request: { encode: () => sized(Buffer.from(message)) },
          response: { decode: unsized, parse: (bytes) => bytes },
        });
        if (answer instanceof Buffer && answer.length > 0)
          throw new RefusedToken("the token is refused");
      },
    }),
  };
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
