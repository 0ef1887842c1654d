import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isFolder, loadMavenFiles } from "./artifacts.ts";
import type { Command } from "./reaper/messages.ts";
import type { Starting } from "./step.ts";

export const KAFKA = "4.1.0";
const LOG4J = "2.24.3";

/** One node of a Kafka cluster, with its files in its own folder. */
export interface KafkaNode {
  /** The folder of Kafka's jars. */
  readonly libs: string;
  readonly folder: string;
  /** The text of `server.properties`. */
  readonly properties: string;
}

/** Formats the node's storage, once, before its first start. */
export async function formatNode(
  node: KafkaNode,
  clusterId: string,
  run: (command: Command) => Promise<unknown>,
  args: readonly string[] = [],
): Promise<void> {
  await writeFile(configFile(node), node.properties);
  await writeFile(loggingFile(node), LOGGING);
  await run({
    command: "java",
    args: [
      "-XX:TieredStopAtLevel=1",
      ...jvmArgs(node),
      "kafka.tools.StorageTool",
      "format",
      // One word, because an id may begin with a dash.
      `--cluster-id=${clusterId}`,
      "-c",
      configFile(node),
      ...args,
    ],
  });
}

/** Returns the command that runs the node. */
export function nodeCommand(
  node: KafkaNode,
  args: readonly string[] = [],
): Command {
  return {
    command: "java",
    args: [
      "-Xms256m",
      "-Xmx768m",
      ...jvmArgs(node),
      ...args,
      "kafka.Kafka",
      configFile(node),
    ],
  };
}

/** Returns the folder with Kafka's jars, and downloads them when the cache has none. */
export async function loadKafkaLibs(
  cache: string,
  starting: Starting,
): Promise<string> {
  const name = `kafka-${KAFKA}`;
  if (!(await isFolder(join(cache, name))))
    starting.say(
      `Apache Kafka ${KAFKA} is not in ${cache}; Maven downloads it once (44 MB)`,
    );
  const dependencies = [
    {
      groupId: "org.apache.kafka",
      artifactId: "kafka_2.13",
      version: KAFKA,
    },
    // Without it a broker that can't start logs nothing.
    {
      groupId: "org.apache.logging.log4j",
      artifactId: "log4j-slf4j-impl",
      version: LOG4J,
    },
  ];
  return loadMavenFiles(cache, name, dependencies, { starting });
}

function jvmArgs(node: KafkaNode): string[] {
  const logging = `-Dlog4j2.configurationFile=${loggingFile(node)}`;
  return [logging, "-cp", `${node.libs}/*`];
}

function configFile({ folder }: KafkaNode): string {
  return join(folder, "server.properties");
}

function loggingFile({ folder }: KafkaNode): string {
  return join(folder, "log4j2.properties");
}

const LOGGING = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %m (%c)%n%throwable
`;
