import type { Mechanism } from "../client/kafkajs.ts";
import type { ClientCredentials } from "./client-credentials.ts";

/** A broker does not take the token. */
class RefusedToken extends Error {
  override readonly name = "RefusedToken";
  readonly retriable = false;
}

const SEPARATOR = "\u0001";

/**
 * The login by OAUTHBEARER (RFC 7628): one message that holds the token, and no answer but to
 * refuse it. kafkajs has this mechanism too, but takes such an answer for a success.
 */
export function oauthBearer(credentials: ClientCredentials): Mechanism {
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

/** kafkajs has the bytes of a login behind their length, as old brokers exchange them. */
function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function unsized(bytes: Buffer): Buffer {
  return bytes.subarray(4);
}
