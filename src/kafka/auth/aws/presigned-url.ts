import { createHmac, hash } from "node:crypto";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null for the key of a user, which has none. */
  readonly sessionToken: string | null;
}

export interface SignedRequest {
  readonly host: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly service: string;
  readonly region: string;
  readonly expiresS: number;
  /** SHA-256 of the body in hexadecimal digits, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** The URL of a GET request whose query holds its signature (AWS Signature Version 4). */
export function presignedUrl(
  request: SignedRequest,
  credentials: AwsCredentials,
  epochMs: number,
): string {
  const { host, path, service, region, payloadHash } = request;
  // 20260102T030405Z
  const time = new Date(epochMs).toISOString().replaceAll(/[:-]|\.\d+/g, "");
  const date = time.slice(0, 8);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const query = queryOf({
    ...request.query,
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Credential": `${credentials.accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(request.expiresS),
    "X-Amz-SignedHeaders": "host",
    ...(credentials.sessionToken !== null && {
      "X-Amz-Security-Token": credentials.sessionToken,
    }),
  });
  const canonical = `GET\n${path}\n${query}\nhost:${host}\n\nhost\n${payloadHash}`;
  const toSign = `${ALGORITHM}\n${time}\n${scope}\n${hash("sha256", canonical)}`;
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  return `https://${host}${path}?${query}&X-Amz-Signature=${signature}`;
}

/** Parameters in the order and the encoding in which they are signed. */
function queryOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`)
    .sort()
    .join("&");
}

/** Encodes everything but unreserved characters (RFC 3986, section 2.3). */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
