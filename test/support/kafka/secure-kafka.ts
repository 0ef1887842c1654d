import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../src/local/free-port.ts";
import { startKafka, type KafkaListener } from "../../../src/local/native.ts";
import { cacheFolder } from "../../../src/lib/process/cache-folder.ts";
import { silently } from "../../../src/local/step.ts";
import { Authority } from "../http/certificates.ts";
import { cloud, compileCloudLogins } from "./java/cloud-logins.ts";
import { AUDIENCE, ISSUER, TokenIssuer } from "../http/token-issuer.ts";

/** Each to be found again, should it ever be shown. */
export const secrets = {
  password: "5ecret-of-the-user",
  clientSecret: "5ecret/of+the:client",
  passphrase: "5ecret-of-the-key",
} as const;

/** May do everything. */
export const USER = "sell-admin";
/** May do what an ACL allows. */
export const LIMITED_USER = "sell-kafka";
/** Has no right at all. */
export const POWERLESS_USER = "sell-nobody";
/** Of OAuth; may do everything. */
export const CLIENT_ID = "sell-client";

const users = [USER, LIMITED_USER, POWERLESS_USER];

const listenerProtocols = {
  TLS: "SSL",
  MUTUAL: "SSL",
  EXPIRED: "SSL",
  FOREIGN: "SSL",
  RENAMED: "SSL",
  LOGIN: "SASL_SSL",
  CLOUD: "SASL_SSL",
  BARE: "SASL_PLAINTEXT",
} as const;

export type ListenerName = keyof typeof listenerProtocols;

/** One Kafka node with a listener for each way to secure it. */
export interface SecureKafka extends AsyncDisposable {
  /** The listener without security, whose users may do everything. */
  readonly broker: string;
  readonly listeners: Readonly<Record<ListenerName, string>>;
  /** With `ca.pem`, `client.pem`, `client.key` (under the passphrase), `server.pem`, `foreign.pem`, `foreign.key`, `kafka-password.txt`. */
  readonly folder: string;
  readonly issuer: TokenIssuer;
  readonly authority: Authority;
}

export async function startSecureKafka(): Promise<SecureKafka> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-secure-"));
  const [authority, foreign, issuer] = await Promise.all([
    Authority.named("authority"),
    Authority.named("foreign authority"),
    TokenIssuer.start({ id: CLIENT_ID, secret: secrets.clientSecret }),
  ]);
  await writeCertificates(folder, authority, foreign);
  await writeFile(join(folder, "jwks.json"), issuer.keySet);
  const cloudArgs = await compileCloudLogins(cacheFolder(process.env), folder);

  const addresses = {} as Record<ListenerName, string>;
  const listeners: KafkaListener[] = [];
  for (const [name, protocol] of Object.entries(listenerProtocols)) {
    const address = `127.0.0.1:${await freePort()}`;
    addresses[name as ListenerName] = address;
    listeners.push({ name, protocol, address });
  }
  const kafka = await startKafka(
    { cache: cacheFolder(process.env), starting: silently },
    {
      listeners,
      properties: propertiesOf(folder),
      formatArgs: users.flatMap((user) =>
        ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
          "--add-scram",
          `${mechanism}=[name=${user},password=${secrets.password}]`,
        ]),
      ),
      jvmArgs: [
        ...cloudArgs,
        `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${keySetUrl(folder)}`,
        `-Dorg.apache.kafka.sasl.oauthbearer.allowed.files=${join(folder, "jwks.json")}`,
      ],
    },
  );
  return {
    broker: kafka.broker,
    listeners: addresses,
    folder,
    issuer,
    authority,
    async [Symbol.asyncDispose]() {
      await kafka[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeCertificates(
  folder: string,
  authority: Authority,
  foreign: Authority,
): Promise<void> {
  const names = ["localhost", "127.0.0.1"];
  const server = await authority.sign("kafka", { names });
  const expired = await authority.sign("kafka", { names, isExpired: true });
  const unknown = await foreign.sign("kafka", { names });
  const renamed = await authority.sign("kafka", { names: ["kafka.example"] });
  const client = await authority.sign("sell-client-certificate");
  const stranger = await foreign.sign("stranger");
  const { passphrase } = secrets;
  const files = {
    "ca.pem": authority.certificate,
    "server.pem": server.keyText + server.certificate,
    "expired.pem": expired.keyText + expired.certificate,
    "unknown.pem": unknown.keyText + unknown.certificate,
    "renamed.pem": renamed.keyText + renamed.certificate,
    "client.pem": client.certificate,
    "client.key": client.key
      .export({
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase,
      })
      .toString(),
    "foreign.pem": stranger.certificate,
    "foreign.key": stranger.keyText,
    "kafka-password.txt": secrets.password,
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), `${text.trimEnd()}\n`);
}

function propertiesOf(folder: string): string[] {
  const keyStore = (listener: ListenerName, file: string) => [
    `listener.name.${listener.toLowerCase()}.ssl.keystore.type=PEM`,
    `listener.name.${listener.toLowerCase()}.ssl.keystore.location=${join(folder, file)}`,
  ];
  const jaas = "org.apache.kafka.common.security";
  const entries = users.map((user) => `user_${user}="${secrets.password}"`);
  const login = "listener.name.login";
  const superUsers = [
    "ANONYMOUS",
    USER,
    CLIENT_ID,
    cloud.accessKeyId,
    "CN=sell-client-certificate",
  ].map((user) => `User:${user}`);
  return [
    ...keyStore("TLS", "server.pem"),
    ...keyStore("MUTUAL", "server.pem"),
    ...keyStore("EXPIRED", "expired.pem"),
    ...keyStore("FOREIGN", "unknown.pem"),
    ...keyStore("RENAMED", "renamed.pem"),
    ...keyStore("LOGIN", "server.pem"),
    ...keyStore("CLOUD", "server.pem"),
    "listener.name.mutual.ssl.client.auth=required",
    "listener.name.mutual.ssl.truststore.type=PEM",
    `listener.name.mutual.ssl.truststore.location=${join(folder, "ca.pem")}`,
    `${login}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER`,
    `${login}.plain.sasl.jaas.config=${jaas}.plain.PlainLoginModule required ${entries.join(" ")};`,
    `${login}.scram-sha-256.sasl.jaas.config=${jaas}.scram.ScramLoginModule required;`,
    `${login}.scram-sha-512.sasl.jaas.config=${jaas}.scram.ScramLoginModule required;`,
    `${login}.oauthbearer.sasl.jaas.config=${jaas}.oauthbearer.OAuthBearerLoginModule required;`,
    `${login}.oauthbearer.sasl.server.callback.handler.class=${jaas}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
    "listener.name.cloud.sasl.enabled.mechanisms=OAUTHBEARER",
    `listener.name.cloud.oauthbearer.sasl.jaas.config=${jaas}.oauthbearer.OAuthBearerLoginModule required;`,
    "listener.name.cloud.oauthbearer.sasl.server.callback.handler.class=CloudLogins",
    // Kafka 4.1's default checks neither signature nor audience.
    `sasl.oauthbearer.jwt.validator.class=${jaas}.oauthbearer.BrokerJwtValidator`,
    `sasl.oauthbearer.jwks.endpoint.url=${keySetUrl(folder)}`,
    `sasl.oauthbearer.expected.audience=${AUDIENCE}`,
    `sasl.oauthbearer.expected.issuer=${ISSUER}`,
    "listener.name.bare.sasl.enabled.mechanisms=SCRAM-SHA-512",
    `listener.name.bare.scram-sha-512.sasl.jaas.config=${jaas}.scram.ScramLoginModule required;`,
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    `super.users=${superUsers.join(";")}`,
  ];
}

function keySetUrl(folder: string): string {
  return `file://${join(folder, "jwks.json")}`;
}
