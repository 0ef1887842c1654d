import { z } from "zod";
import { brokerAddress, loginName, publicText, secret } from "./fields.ts";
import { oauthClient, saslExtensions } from "./oauth.ts";
import { tls } from "./tls.ts";

const sasl = z.discriminatedUnion("mechanism", [
  z.strictObject({
    mechanism: z
      .enum(["plain", "scram-sha-256", "scram-sha-512"])
      .describe("Login by name and password"),
    username: loginName.describe("Name to log in by"),
    password: secret.min(1).describe("Password of that name"),
  }),
  z.strictObject({
    mechanism: z
      .literal("oauthbearer")
      .describe("Login by a token that a token endpoint issues"),
    ...oauthClient,
    extensions: saslExtensions.optional(),
  }),
  z.strictObject({
    mechanism: z
      .literal("aws-msk-iam")
      .describe(
        "Login at Amazon MSK by AWS credentials of the environment, the pod, the task or the instance",
      ),
    region: publicText
      .regex(/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/, {
        error: "must be a region of AWS, such as eu-central-1",
      })
      .describe("Region of AWS in which the cluster is"),
  }),
]);

/** How to reach a Kafka cluster. */
export const kafka = z.strictObject({
  brokers: z
    .array(brokerAddress)
    .min(1)
    .describe(
      'Addresses to reach the cluster by: ["host:port", "[::1]:9092"]; the first that works is used; a text from outside, alone or in the list, may hold several with commas between them',
    ),
  clientId: publicText
    .min(1)
    .default("sell-kafka")
    .describe("Name under which the brokers know this client"),
  ssl: z
    .union([z.boolean(), tls])
    .default(false)
    .describe(
      "true, or an object, for TLS; the server's certificate is always verified",
    ),
  sasl: sasl.optional().describe("How to log in at the brokers"),
  compression: z
    .enum(["none", "gzip", "snappy", "lz4", "zstd"])
    .default("gzip")
    .describe("How batches of records are compressed"),
});
