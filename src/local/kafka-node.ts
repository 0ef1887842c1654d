import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { mavenFiles } from "./artifacts.ts";

const run = promisify(execFile);
export const KAFKA = "4.1.0";
const LOG4J = "2.24.3";

/** One node of a cluster, with its files in a folder of its own. */
export interface KafkaNode {
  /** The folder of Kafka's jars. */
  readonly libs: string;
  readonly folder: string;
  /** What `server.properties` says. */
  readonly properties: string;
}

/** Makes the node's storage ready, once, before it first starts. */
export async function formatNode(
  node: KafkaNode,
  clusterId: string,
  args: readonly string[] = [],
): Promise<void> {
  await writeFile(configOf(node), node.properties);
  await writeFile(loggingOf(node), LOGGING);
  await run("java", [
    "-XX:TieredStopAtLevel=1",
    ...jvmArgs(node),
    "kafka.tools.StorageTool",
    "format",
    // An id may begin with a dash.
    `--cluster-id=${clusterId}`,
    "-c",
    configOf(node),
    ...args,
  ]);
}

/** The arguments with which Java runs the node. */
export function nodeArgs(
  node: KafkaNode,
  args: readonly string[] = [],
): readonly string[] {
  return [
    "-Xms256m",
    "-Xmx768m",
    ...jvmArgs(node),
    ...args,
    "kafka.Kafka",
    configOf(node),
  ];
}

/** The folder with Kafka's jars, downloaded when they are not there yet. */
export async function kafkaLibs(
  cache: string,
  say: (line: string) => void,
): Promise<string> {
  say(
    `looking for Apache Kafka ${KAFKA} in ${cache}; Maven downloads it once (44 MB)`,
  );
  return mavenFiles(cache, `kafka-${KAFKA}`, [
    {
      groupId: "org.apache.kafka",
      artifactId: "kafka_2.13",
      version: KAFKA,
    },
    // Without it a broker that can't start says nothing.
    {
      groupId: "org.apache.logging.log4j",
      artifactId: "log4j-slf4j-impl",
      version: LOG4J,
    },
  ]);
}

function jvmArgs(node: KafkaNode): string[] {
  const logging = `-Dlog4j2.configurationFile=${loggingOf(node)}`;
  return [logging, "-cp", `${node.libs}/*`];
}

function configOf({ folder }: KafkaNode): string {
  return join(folder, "server.properties");
}

function loggingOf({ folder }: KafkaNode): string {
  return join(folder, "log4j2.properties");
}

const LOGGING = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m (%c)%n%throwable
`;
