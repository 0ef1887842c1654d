// Every documented way to log in to Kafka and the registry works as written, the documented rights
// suffice, and each refusal is told once with its remedy.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { javaProblem } from "../../../src/local/native.ts";
import { sellKafka, type Ended } from "../../support/process/command.ts";
import { TOKEN } from "../../support/process/connector.ts";
import { cloud } from "../../support/kafka/java/cloud-logins.ts";
import { kafkaAcls } from "../../support/kafka/kafka-acls.ts";
import type { LocalServer } from "../../support/http/local-server.ts";
import { Program } from "../../support/process/program.ts";
import { startRegistryFront } from "../../support/http/registry-front.ts";
import {
  item,
  pageOf,
  ScriptedSell,
} from "../../support/sell/scripted-sell.ts";
import {
  CLIENT_ID,
  LIMITED_USER,
  POWERLESS_USER,
  secrets,
  startSecureKafka,
  USER,
  type ListenerName,
  type SecureKafka,
} from "../../support/kafka/secure-kafka.ts";
import {
  aclCommands,
  examples,
} from "../../support/documents/security-guide.ts";

const registryUrl = inject("servers")?.registryUrl ?? null;
const problem = registryUrl === null ? "no registry" : await javaProblem();
if (problem !== null && process.env["CI"] === "true") throw new Error(problem);

type Parts = Readonly<Record<string, object>>;

const env = {
  KAFKA_PASSWORD: secrets.password,
  KAFKA_KEY_PASSPHRASE: secrets.passphrase,
  KAFKA_CLIENT_SECRET: secrets.clientSecret,
  REGISTRY_PASSWORD: secrets.password,
  REGISTRY_CLIENT_SECRET: secrets.clientSecret,
  AWS_ACCESS_KEY_ID: cloud.accessKeyId,
  AWS_SECRET_ACCESS_KEY: cloud.secretAccessKey,
};

describe.skipIf(problem !== null)(
  "a secured Kafka",
  { timeout: 90_000 },
  () => {
    let kafka: SecureKafka;
    let registry: LocalServer;
    let count = 0;

    beforeAll(async () => {
      kafka = await startSecureKafka();
      const read = (file: string) => readFile(join(kafka.folder, file), "utf8");
      registry = await startRegistryFront(
        registryUrl ?? "",
        {
          cert: await read("server.pem"),
          key: await read("server.pem"),
          ca: await read("ca.pem"),
        },
        { name: "sell-kafka", password: secrets.password },
        kafka.issuer.issued,
      );
    }, 90_000);

    afterAll(async () => {
      await registry[Symbol.asyncDispose]();
      await kafka[Symbol.asyncDispose]();
    });

    /** A configuration beside the certificates, so that relative paths find them. */
    async function configOf(
      sellUrl: string,
      parts: Parts,
      name = `secured-${++count}`,
    ): Promise<string> {
      const path = join(kafka.folder, `${name}.json`);
      const config = {
        name,
        ...parts,
        sell: {
          baseUrl: sellUrl,
          accessToken: TOKEN,
          requestsPerSecond: 1_000,
        },
        topics: { pattern: "{name}.all", partitions: 1, ...parts["topics"] },
        delivery: {
          deadLetterTopic: `${name}.dead`,
          giveUpAfterMs: 20_000,
          ...parts["delivery"],
        },
      };
      await writeFile(path, JSON.stringify(config));
      return path;
    }

    async function run(
      command: string,
      path: string,
      ...flags: string[]
    ): Promise<Ended> {
      return sellKafka([command, ...flags, "--config", path], { env });
    }

    async function sync(parts: Parts, ...items: string[]) {
      await using sell = await ScriptedSell.start([
        [pageOf(items.length > 0 ? items : [item()])],
      ]);
      const path = await configOf(sell.url, parts);
      const ended = await run("sync", path, "--json");
      return { ...ended, acknowledged: sell.acknowledged };
    }

    /** A configuration of the guide, with the addresses of this test in place of its own. */
    function adapted(example: string): Parts {
      const text = example
        .replace(/"(\w+)\.kafka\.example\.com:\d+"/, (_, listener: string) => {
          const named: Record<string, ListenerName> = { system: "TLS" };
          const name = named[listener] ?? listener.toUpperCase();
          return JSON.stringify(kafka.listeners[name as ListenerName]);
        })
        .replaceAll("https://login.example.com/oauth2/token", kafka.issuer.url)
        .replace("https://registry.example.com", registry.url);
      const parts = JSON.parse(text) as Parts;
      const { sasl } = parts["kafka"] as { sasl?: { username?: string } };
      if (sasl?.username !== undefined) sasl.username = USER;
      return parts;
    }

    const login = (sasl: object, listener: ListenerName = "LOGIN") => ({
      kafka: {
        brokers: [kafka.listeners[listener]],
        ...(listener !== "BARE" && { ssl: { caFile: "ca.pem" } }),
        sasl,
      },
    });
    const user = (username: string, password: string = secrets.password) => ({
      mechanism: "scram-sha-256",
      username,
      password,
    });
    const client = {
      mechanism: "oauthbearer",
      clientId: CLIENT_ID,
      clientSecret: secrets.clientSecret,
    };

    describe("the guide", () => {
      it.each(examples.map((text, index) => [index + 1, text] as const))(
        "has a configuration %i that works",
        async (_, example) => {
          const parts = adapted(example);
          if ((parts["kafka"] as { ssl?: unknown }).ssl === true) {
            await using sell = await ScriptedSell.start([[pageOf([item()])]]);
            const path = await configOf(sell.url, parts);
            await using program = new Program(["sync", "--config", path], {
              env: { SSL_CERT_FILE: join(kafka.folder, "ca.pem") },
            });
            expect({
              ...(await program.ended),
              said: program.stderr,
            }).toMatchObject({ code: 0 });
            expect(sell.acknowledged).toHaveLength(1);
            return;
          }
          const { exitCode, acknowledged, stderr } = await sync(parts);
          expect({ exitCode, acknowledged, stderr }).toMatchObject({
            exitCode: 0,
            acknowledged: ["contact-1-1"],
          });
          expect(stderr.includes("without TLS")).toBe(
            JSON.stringify(parts).includes(kafka.listeners.BARE),
          );
        },
      );
    });

    describe("a refusal", () => {
      const kafkaAt = (
        listener: ListenerName,
        ssl: object | boolean = { caFile: "ca.pem" },
      ) => ({
        kafka: { brokers: [kafka.listeners[listener]], ssl },
      });
      const cases: readonly (readonly [string, () => Parts, string])[] = [
        [
          "a wrong password",
          () => login(user(USER, "wrong")),
          "refuses the login by SCRAM-SHA-256: check kafka.sasl.username and password",
        ],
        [
          "a wrong password for PLAIN",
          () => login({ ...user(USER, "wrong"), mechanism: "plain" }),
          "refuses the login by PLAIN: check",
        ],
        [
          "a mechanism that is not there",
          () => login({ ...user(USER), mechanism: "plain" }, "BARE"),
          "does not offer PLAIN; set kafka.sasl.mechanism to one that it has: SCRAM-SHA-512",
        ],
        ["no login", () => kafkaAt("LOGIN"), "wants a login; set kafka.sasl"],
        [
          "a login where none is taken",
          () => login(user(USER), "TLS"),
          "takes no login; remove kafka.sasl",
        ],
        [
          "a wrong client secret",
          () =>
            login({
              ...client,
              clientSecret: "wrong",
              tokenEndpoint: kafka.issuer.url,
            }),
          "answers 401 invalid_client",
        ],
        [
          "a wrong identity pool",
          () =>
            login(
              {
                ...client,
                tokenEndpoint: kafka.issuer.url,
                extensions: { ...cloud.extensions, identityPoolId: "pool-1" },
              },
              "CLOUD",
            ),
          "identityPoolId: unknown identityPoolId: pool-1",
        ],
        [
          "no extensions where they are wanted",
          () => login({ ...client, tokenEndpoint: kafka.issuer.url }, "CLOUD"),
          "check kafka.sasl.scope, audience and extensions",
        ],
        [
          "a token for MSK where none is taken",
          () => login({ mechanism: "aws-msk-iam", region: "eu-central-1" }),
          "refuses the login by OAUTHBEARER (they say: invalid_token): they do not take the token that was signed with the AWS credentials",
        ],
        [
          "an expired certificate",
          () => kafkaAt("EXPIRED"),
          "has a certificate that has expired (CERT_HAS_EXPIRED)",
        ],
        [
          "a foreign authority",
          () => kafkaAt("FOREIGN"),
          "set kafka.ssl.caFile to the PEM file of that authority",
        ],
        [
          "a wrong host name",
          () => kafkaAt("RENAMED"),
          "set kafka.ssl.servername to a name that is",
        ],
        [
          "no client certificate",
          () => kafkaAt("MUTUAL"),
          "set kafka.ssl.certFile and keyFile",
        ],
        [
          "a foreign client certificate",
          () =>
            kafkaAt("MUTUAL", {
              caFile: "ca.pem",
              certFile: "foreign.pem",
              keyFile: "foreign.key",
            }),
          "refuses this client's certificate",
        ],
        [
          "TLS where there is none",
          () => ({
            kafka: { brokers: [kafka.broker], ssl: { caFile: "ca.pem" } },
          }),
          "speaks no TLS, and this side does; put the address of a listener with TLS into kafka.brokers",
        ],
        [
          "no TLS where there is",
          () => kafkaAt("TLS", false),
          "speaks TLS, and this side does not; set kafka.ssl",
        ],
      ];

      it.concurrent.each(cases)(
        "of %s is told once, by check and sync",
        async (_, parts, message) => {
          await using sell = await ScriptedSell.start([[pageOf([item()])]]);
          const path = await configOf(sell.url, parts());
          const checked = await run("check", path);
          expect(checked.exitCode).toBe(1);
          const failed = checked.stdout
            .split("\n")
            .filter(
              (line) => line.startsWith("FAILED") && line.includes("Kafka"),
            );
          expect(failed).toHaveLength(1);
          expect(failed[0]).toContain(message);
          const synced = await run("sync", path);
          expect(synced.exitCode).toBe(1);
          const errors = synced.stderr
            .split("\n")
            .filter((line) => line.includes('"level":"error"'));
          expect(errors).toHaveLength(1);
          expect(errors[0]).toContain(message);
          expect(errors[0]).toContain("127.0.0.1:");
          expect(sell.starts).toBe(0);
        },
      );

      it("of a token is told, and another one is fetched", async () => {
        const parts = login({ ...client, tokenEndpoint: kafka.issuer.url });
        const before = kafka.issuer.issued.length;
        kafka.issuer.audience = "somebody else";
        try {
          const { exitCode, stderr } = await sync(parts);
          expect(exitCode).toBe(1);
          expect(stderr).toContain("refuses the login by OAUTHBEARER");
          expect(kafka.issuer.issued.length).toBeGreaterThan(before);
        } finally {
          kafka.issuer.audience = "kafka";
        }
        expect((await sync(parts)).exitCode).toBe(0);
      });

      it("does not end run, which waits for it to be mended", async () => {
        await using sell = await ScriptedSell.start([[pageOf([item()])]]);
        const path = await configOf(sell.url, login(user(USER, "wrong")));
        await using program = new Program(["run", "--config", path]);
        await program.says("trouble began");
        expect(program.stderr).toMatch(/"level":"error".*refuses the login/);
        program.kill("SIGTERM");
        expect((await program.ended).code).toBe(0);
      });

      it("of a registry defers what needs it", async () => {
        const parts = (ssl: object, password: string = secrets.password) => ({
          ...login(user(USER)),
          format: { value: "avro" },
          schemaRegistry: {
            url: registry.url,
            username: "sell-kafka",
            password,
            ssl,
          },
        });
        const files = {
          caFile: "ca.pem",
          certFile: "client.pem",
          keyFile: "client.key",
          passphrase: secrets.passphrase,
        };
        const refused: readonly (readonly [Parts, string])[] = [
          [parts({}), "set schemaRegistry.ssl.caFile"],
          [parts(files, "wrong"), "check schemaRegistry.username and password"],
        ];
        for (const [config, message] of refused) {
          const { exitCode, stderr, acknowledged } = await sync(config);
          expect(stderr).toContain(message);
          expect({ exitCode, acknowledged }).toEqual({
            exitCode: 1,
            acknowledged: [],
          });
        }
      });

      it("is the answer to NODE_TLS_REJECT_UNAUTHORIZED too", async () => {
        await using sell = await ScriptedSell.start([[pageOf([item()])]]);
        const path = await configOf(sell.url, kafkaAt("FOREIGN"));
        await using program = new Program(["sync", "--config", path], {
          env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
        });
        expect((await program.ended).code).toBe(1);
        expect(program.stderr).toContain("is not trusted here");
      });
    });

    describe("the rights of the guide", () => {
      const limited = () => login(user(LIMITED_USER));
      const guided = (topics: object = {}) => ({
        ...limited(),
        topics: { pattern: "sell.{type}", ...topics },
        delivery: { deadLetterTopic: "sell-kafka.dead-letter" },
      });
      const grant = async (args: readonly string[]) => {
        const at = args.indexOf("--bootstrap-server") + 1;
        await kafkaAcls(args.with(at, kafka.broker));
      };
      const bad = item({ type: "no such topic", id: 3 });

      it("are needed: without them nothing is written", async () => {
        const created = await sync(guided());
        expect(created.stderr).toMatch(/can't be created: .*\(sell\.contact\)/);
        expect(created).toMatchObject({ exitCode: 1, acknowledged: [] });
        const nobody = await sync({
          ...guided(),
          ...login(user(POWERLESS_USER)),
          topics: { pattern: "sell.{type}", create: false },
        });
        expect(nobody.stderr).toMatch(
          /the topic does not exist, .*\(sell\.contact\)/,
        );
        expect(nobody).toMatchObject({ exitCode: 1, acknowledged: [] });
      });

      it("suffice for records, dead letters, and topics that are created", async () => {
        const [writing = [], checking = []] = aclCommands;
        for (const command of writing) await grant(command);
        const { exitCode, stderr, acknowledged } = await sync(
          guided(),
          item(),
          item({ type: "deal", id: 2 }),
          bad,
        );
        expect(stderr).toContain("marked a complete drain");
        expect({
          exitCode,
          stderr,
          acknowledged: acknowledged.length,
        }).toMatchObject({ exitCode: 0, acknowledged: 3 });

        await using sell = await ScriptedSell.start([]);
        const path = await configOf(sell.url, guided());
        const scanty = await run("check", path);
        expect(scanty.stdout).toContain(
          "allow the principal DescribeConfigs on the topics",
        );
        expect(scanty.stdout).toContain(
          "other connectors: were not looked for",
        );
        for (const command of checking) await grant(command);
        const whole = await run("check", path);
        expect(whole.stdout).not.toMatch(
          /DescribeConfigs|FAILED Kafka|not looked for/,
        );
      });

      it("suffice for Avro, and for topics that somebody else creates", async () => {
        const avro = {
          ...guided({ create: false }),
          format: { value: "avro" },
          schemaRegistry: {
            url: registry.url,
            username: "sell-kafka",
            password: secrets.password,
            ssl: {
              caFile: "ca.pem",
              certFile: "client.pem",
              keyFile: "client.key",
              passphrase: secrets.passphrase,
            },
          },
        };
        const { exitCode, stderr, acknowledged } = await sync(avro, item());
        expect({ exitCode, stderr, acknowledged }).toMatchObject({
          exitCode: 0,
          acknowledged: ["contact-1-1"],
        });
      });

      it("suffice for exactly-once delivery, and are missed where they are missing", async () => {
        const [transactions = [], journal = []] = aclCommands[2] ?? [];
        const exactlyOnce = {
          ...guided(),
          delivery: {
            guarantee: "exactly-once",
            deadLetterTopic: "sell-kafka.dead-letter",
          },
        };
        const syncAsSell = async () => {
          await using sell = await ScriptedSell.start([[pageOf([item()])]]);
          const path = await configOf(sell.url, exactlyOnce, "sell");
          const { exitCode, stderr } = await run("sync", path);
          return { exitCode, stderr, acknowledged: sell.acknowledged };
        };
        const failuresOfCheck = async () => {
          await using sell = await ScriptedSell.start([]);
          const path = await configOf(sell.url, exactlyOnce, "sell");
          const { stdout } = await run("check", path);
          return (stdout.match(/^FAILED .*$/gm) ?? []).filter(
            (line) => !line.startsWith("FAILED  Sell at "),
          );
        };
        expect(await failuresOfCheck()).toEqual([
          expect.stringMatching(
            /journal topic .*TOPIC_AUTHORIZATION/,
          ) as string,
          expect.stringMatching(
            /journal: does not exist, or is hidden, and the principal may not Read and Write/,
          ) as string,
          expect.stringMatching(/transactions: .* is denied/) as string,
        ]);
        const refused = { exitCode: 1, acknowledged: [] };
        const before = await syncAsSell();
        expect(before.stderr).toMatch(
          /can't be created: .*\(sell-kafka\.journal\)/,
        );
        expect(before).toMatchObject(refused);
        await grant(journal);
        const withJournal = await syncAsSell();
        expect(withJournal.stderr).toContain(
          "allow the connector's principal Describe and Write on its transactional id",
        );
        expect(withJournal).toMatchObject(refused);
        const write = transactions.indexOf("Write") - 1;
        await grant(transactions.toSpliced(write, 2));
        expect(await failuresOfCheck()).toEqual([
          expect.stringMatching(/transactions: .* is denied/) as string,
        ]);
        await grant(transactions);
        expect(await failuresOfCheck()).toEqual([]);
        expect(await syncAsSell()).toMatchObject({
          exitCode: 0,
          acknowledged: ["contact-1-1"],
        });
      });

      it("let instances share a folder, and are missed by name", async () => {
        const folder = join(kafka.folder, "shared");
        await mkdir(folder);
        const connection = {
          ...limited().kafka,
          ssl: { caFile: join(kafka.folder, "ca.pem") },
        };
        const cluster = { group: "sell-kafka", kafka: connection };
        await writeFile(join(folder, "cluster.json"), JSON.stringify(cluster));
        await using program = new Program(["run", "--config", folder]);
        await program.says("the group can't be joined");
        expect(program.stderr).toMatch(
          /group sell-kafka: .*allow the principal Read on this consumer group/,
        );
        for (const args of aclCommands[3] ?? []) await grant(args);
        await program.says("group joined");
        program.kill("SIGTERM");
        expect((await program.ended).code).toBe(0);
      });

      it("are missing as a whole: that is a refused connection", async () => {
        const principal = `User:${POWERLESS_USER}`;
        await grant(
          `--bootstrap-server _ --add --allow-principal ${principal} --operation Describe --topic sell.contact`.split(
            " ",
          ),
        );
        const { exitCode, stderr, acknowledged } = await sync({
          ...guided(),
          ...login(user(POWERLESS_USER)),
        });
        expect(stderr).toContain("Kafka gives this principal no producer id");
        expect({ exitCode, acknowledged }).toEqual({
          exitCode: 1,
          acknowledged: [],
        });
      });

      it("end no drain when only the markers lack them", async () => {
        const parts = guided({ markers: "forbidden.markers" });
        const { exitCode, stderr, acknowledged } = await sync(parts);
        expect({ exitCode, acknowledged }).toEqual({
          exitCode: 0,
          acknowledged: ["contact-1-1"],
        });
        const told = stderr
          .split("\n")
          .filter((line) => line.includes("could not be marked"));
        expect(told).toEqual([
          expect.stringMatching(/"level":"warn".*can't be created/) as string,
        ]);
        await using sell = await ScriptedSell.start([]);
        const path = await configOf(sell.url, parts);
        expect((await run("check", path)).stdout).toMatch(
          /warning +marker topic forbidden\.markers: .*until then complete drains are not marked/,
        );
      });

      it("hold up only the type that lacks them", async () => {
        await grant([
          "--bootstrap-server",
          "",
          "--add",
          "--deny-principal",
          `User:${LIMITED_USER}`,
          "--operation",
          "Write",
          "--topic",
          "sell.deal",
        ]);
        const { exitCode, stderr, acknowledged } = await sync(
          guided(),
          item(),
          item({ type: "deal", id: 2 }),
        );
        expect(exitCode).toBe(1);
        expect(acknowledged).toEqual(["contact-1-1"]);
        expect(stderr).toMatch(/can't be written: .*\(sell\.deal\)/);
        await using sell = await ScriptedSell.start([]);
        const { stdout } = await run(
          "check",
          await configOf(sell.url, guided()),
        );
        expect(stdout).toContain(
          "FAILED  topic sell.deal: exists, but the principal may not Write",
        );
        expect(stderr).toContain(
          "allow the connector's principal Describe and Write on it",
        );
      });
    });
  },
);
