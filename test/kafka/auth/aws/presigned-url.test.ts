// Signatures equal those that AWS publishes, and those that AWS's own signer for MSK makes.
import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { presignedUrl } from "../../../../src/kafka/auth/aws/presigned-url.ts";
import { MskTokens } from "../../../../src/kafka/auth/aws/msk-tokens.ts";
import { version } from "../../../../src/version.ts";
import { FakeClock } from "../../../support/clocks/fake-clock.ts";

/** The key of AWS's documents. */
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

it("of the example in the documents of S3 is the published one", () => {
  const url = presignedUrl(
    {
      host: "examplebucket.s3.amazonaws.com",
      path: "/test.txt",
      query: {},
      service: "s3",
      region: "us-east-1",
      expiresS: 86_400,
      payloadHash: "UNSIGNED-PAYLOAD",
    },
    {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      sessionToken: null,
    },
    Date.UTC(2013, 4, 24),
  );
  const { origin, pathname, searchParams } = new URL(url);
  expect(origin + pathname).toBe(
    "https://examplebucket.s3.amazonaws.com/test.txt",
  );
  expect(Object.fromEntries(searchParams)).toEqual({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential":
      "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
    "X-Amz-Date": "20130524T000000Z",
    "X-Amz-Expires": "86400",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature":
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  });
});

const unreserved =
  "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Cases of AWS's test suite of Signature Version 4, with the signatures in its query-signed-request.txt. */
it.each([
  [
    "get-vanilla-query",
    {},
    "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  ],
  [
    "get-vanilla-query-unreserved",
    { [unreserved]: unreserved },
    "8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf",
  ],
])("of %s is that of AWS's test suite", (_, query, signature) => {
  const url = presignedUrl(
    {
      host: "example.amazonaws.com",
      path: "/",
      query,
      service: "service",
      region: "us-east-1",
      expiresS: 3_600,
      payloadHash: hash("sha256", ""),
    },
    { accessKeyId: "AKIDEXAMPLE", secretAccessKey, sessionToken: null },
    Date.UTC(2015, 7, 30, 12, 36),
  );
  expect(new URL(url).searchParams.get("X-Amz-Signature")).toBe(signature);
});

/** What aws-msk-iam-sasl-signer-js 1.0.3 makes at this time. */
describe("a token for MSK", () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  it.each([
    [
      "eu-central-1",
      undefined,
      "00629abe90095b91c1a9e460b67a01a8e4e7499b99f571276b99dd9258dd65e5",
    ],
    [
      "cn-north-1",
      undefined,
      "a3f44b31b1c72c8d9c8f95dcd0969d82b0a8ab82a322a5aece5bd60b03d4e7d3",
    ],
    [
      "eu-central-1",
      "IQoJb3JpZ2luX2Vj/+a==~*'()!",
      "019419e99f8e4e1b2c3051ee30cb97fcb9663f7a8984115cc7dae4fd809de686",
    ],
    [
      "cn-north-1",
      "IQoJb3JpZ2luX2Vj/+a==~*'()!",
      "fc9715f43259737ad6f9976ecf9b027291aa60f0a41f0fb341395e0e4b09c8ae",
    ],
  ])(
    "in %s with session token %s is that of AWS's own signer",
    async (region, sessionToken, signature) => {
      const accessKeyId =
        sessionToken === undefined ? "AKIDEXAMPLE" : "ASIAEXAMPLE";
      const clock = new FakeClock();
      clock.leapWallClock(at - clock.epochMs());
      const tokens = new MskTokens(
        {
          region,
          environment: {
            AWS_ACCESS_KEY_ID: accessKeyId,
            AWS_SECRET_ACCESS_KEY: secretAccessKey,
            AWS_SESSION_TOKEN: sessionToken,
          },
        },
        clock,
      );
      const token = await tokens.token();
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      const url = new URL(Buffer.from(token, "base64url").toString());
      expect(url.origin + url.pathname).toBe(
        `https://kafka.${region}.amazonaws.com/`,
      );
      expect(Object.fromEntries(url.searchParams)).toEqual({
        Action: "kafka-cluster:Connect",
        "User-Agent": `sell-kafka/${version}`,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": `${accessKeyId}/20260102/${region}/kafka-cluster/aws4_request`,
        "X-Amz-Date": "20260102T030405Z",
        "X-Amz-Expires": "900",
        ...(sessionToken !== undefined && {
          "X-Amz-Security-Token": sessionToken,
        }),
        "X-Amz-Signature": signature,
        "X-Amz-SignedHeaders": "host",
      });
    },
  );
});
