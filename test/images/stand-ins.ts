import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadMavenFiles } from "../../src/local/artifacts.ts";
import { KAFKA } from "../../src/local/kafka-node.ts";
import { cacheFolder } from "../../src/lib/process/cache-folder.ts";
import { run } from "./command.ts";
import type { Engine } from "./engine.ts";
import { NODE_IMAGE } from "./names.ts";

/** Makes an image that does what the official one does for compose; says what it is. */
type Make = (engine: Engine, image: string) => Promise<string>;

/** By the name of the image, without its tag. */
export const standIns: Readonly<Record<string, Make>> = {
  node: makeNode,
  "apache/kafka": makeKafka,
  "apicurio/apicurio-registry-mem": makeRegistry,
  "prom/prometheus": makePrometheus,
};

/** Debian's smallest system, with the Node.js and the npm that run here. */
async function makeNode(engine: Engine, image: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sell-kafka-node-"));
  try {
    const tar = join(folder, "debian.tar");
    const packages = "--include=ca-certificates";
    const made = await run([
      "mmdebstrap",
      "--quiet",
      "--variant=minbase",
      packages,
      "bookworm",
      tar,
    ]);
    if (made.code !== 0)
      throw new Error(
        "mmdebstrap, which makes a Debian for it, is not there or fails",
      );
    const npm = dirname(dirname(process.env["npm_execpath"] ?? ""));
    await cp(process.execPath, join(folder, "node"), { dereference: true });
    await cp(npm, join(folder, "npm"), { recursive: true, dereference: true });
    const authorities = process.env["NODE_EXTRA_CA_CERTS"];
    const trusted =
      authorities === undefined ? "" : await readFile(authorities, "utf8");
    await writeFile(join(folder, "authorities.crt"), trusted);
    await build(
      engine,
      image,
      folder,
      `FROM scratch
ADD debian.tar /
COPY node /usr/local/bin/
COPY npm/ /usr/local/lib/node_modules/npm/
COPY authorities.crt /tmp/
RUN cat /tmp/authorities.crt >>/etc/ssl/certs/ca-certificates.crt \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt NPM_CONFIG_CAFILE=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
`,
    );
    return `a stand-in of Debian and this Node.js (${process.version})`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const JAVA = `FROM ${NODE_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless
`;

const LOGGING =
  "Configuration: {Appenders: {Console: {name: OUT}}, Loggers: {Root: {level: INFO, AppenderRef: [{ref: OUT}]}}}";

/** Kafka's own jars, started as the official image starts them. */
async function makeKafka(engine: Engine, image: string): Promise<string> {
  const artifact = (groupId: string, artifactId: string, version: string) => ({
    groupId,
    artifactId,
    version,
  });
  const libs = await loadMavenFiles(
    cacheFolder(process.env),
    `kafka-image-${KAFKA}`,
    [
      artifact("org.apache.kafka", "kafka_2.13", KAFKA),
      artifact("org.apache.kafka", "kafka-tools", KAFKA),
      artifact("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
    ],
  );
  await build(
    engine,
    image,
    libs,
    `${JAVA}COPY *.jar /opt/kafka/libs/
ENV CLASSPATH=/opt/kafka/libs/* CLUSTER_ID=5L6g3nShT-eMCtK--X86sw
RUN mkdir -p /opt/kafka/bin /opt/kafka/config /etc/kafka/docker /mnt/shared/config \\
 && touch /etc/kafka/docker/server.properties \\
 && echo '${LOGGING}' | tee /etc/kafka/docker/log4j2.yaml >/etc/kafka/docker/tools-log4j2.yaml \\
 && printf '%s\\n' '#!/bin/sh' 'java kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config' 'exec java -Xmx512m kafka.Kafka /opt/kafka/config/server.properties' >/opt/kafka/bin/start.sh \\
 && printf '%s\\n' '#!/bin/sh' 'exec java org.apache.kafka.tools.BrokerApiVersionsCommand "$@"' >/opt/kafka/bin/kafka-broker-api-versions.sh \\
 && chmod +x /opt/kafka/bin/*.sh
CMD ["/opt/kafka/bin/start.sh"]
`,
  );
  return `a stand-in of Kafka ${KAFKA} from Maven Central`;
}

async function makeRegistry(engine: Engine, image: string): Promise<string> {
  const version = image.split(":")[1] ?? "";
  const files = await loadMavenFiles(
    cacheFolder(process.env),
    `registry-image-${version}`,
    [
      {
        groupId: "io.apicurio",
        artifactId: "apicurio-registry-app",
        version,
        type: "tar.gz",
        classifier: "all",
      },
    ],
  );
  await build(
    engine,
    image,
    files,
    `${JAVA}ADD *.tar.gz /opt/registry/
CMD ["sh", "-c", "exec java -Xmx512m -jar /opt/registry/*-runner.jar"]
`,
  );
  return "a stand-in of the same version from Maven Central";
}

async function makePrometheus(engine: Engine, image: string): Promise<string> {
  await build(
    engine,
    image,
    null,
    `FROM ${NODE_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends prometheus wget && mkdir /prometheus
ENTRYPOINT ["prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
`,
  );
  const { output } = await engine.try(["run", "--rm", image, "--version"]);
  const version = /version (\S+)/.exec(output)?.[1] ?? "?";
  return `a stand-in of Debian's Prometheus ${version}`;
}

/** Builds from the text of a Dockerfile, with the files of a folder. */
async function build(
  engine: Engine,
  image: string,
  folder: string | null,
  dockerfile: string,
): Promise<void> {
  const from = folder === null ? ["-"] : ["--file", "-", folder];
  const { code, output } = await engine.try(
    ["build", "--quiet", "--tag", image, ...from],
    { input: dockerfile },
  );
  if (code !== 0)
    throw new Error(output.trim().split("\n").slice(-3).join("; "));
}
