// The message of OAUTHBEARER is that of RFC 7628, with the extensions behind the token.
import { describe, expect, it } from "vitest";
import { createOauthBearer } from "../../../src/kafka/auth/oauth-bearer.ts";
import type { Mechanism } from "../../../src/kafka/client/kafkajs.ts";

type Exchange = Parameters<
  Mechanism["authenticationProvider"]
>[0]["saslAuthenticate"];

const tokens = {
  token: () => Promise.resolve("a.b.c"),
  forget: () => undefined,
  secrets: [],
};

/** Logs in at a broker that answers so; returns what it was sent. */
async function loginWith(
  extensions: Record<string, string>,
  answer = "",
): Promise<string> {
  let sent = Buffer.alloc(0);
  const exchange = async ({ request, response }: Parameters<Exchange>[0]) => {
    sent = Buffer.from(await request.encode());
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(answer)]);
    return response?.parse(await response.decode(bytes));
  };
  const provider = createOauthBearer(tokens, extensions).authenticationProvider(
    {
      host: "",
      port: 0,
      logger: null as never,
      saslAuthenticate: exchange as Exchange,
    },
  );
  await provider.authenticate();
  expect(sent.readInt32BE(0)).toBe(sent.length - 4);
  return sent.toString("utf8", 4);
}

describe("a login by OAUTHBEARER", () => {
  it("sends the token alone, or with extensions in their order", async () => {
    expect(await loginWith({})).toBe("n,,\u0001auth=Bearer a.b.c\u0001\u0001");
    expect(
      await loginWith({ logicalCluster: "lkc-1", identityPoolId: "pool=1 a" }),
    ).toBe(
      "n,,\u0001auth=Bearer a.b.c\u0001logicalCluster=lkc-1\u0001identityPoolId=pool=1 a\u0001\u0001",
    );
  });

  it.each([
    ['{"status":"invalid_token","scope":"x"}', "invalid_token"],
    ['{"status":7}', '{"status":7}'],
    ["no", "no"],
  ])("that is answered %s is refused", async (answer, told) => {
    const error = await loginWith({}, answer).catch((one: unknown) => one);
    expect(error).toMatchObject({ name: "RefusedToken", message: told });
  });
});
