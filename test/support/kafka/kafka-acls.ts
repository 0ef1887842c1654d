import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { loadMavenFiles } from "../../../src/local/artifacts.ts";
import { cacheFolder } from "../../../src/lib/process/cache-folder.ts";

const run = promisify(execFile);
const VERSION = "4.1.0";

/** Runs the command `kafka-acls.sh` of Apache Kafka, without its start script. */
export async function kafkaAcls(args: readonly string[]): Promise<void> {
  const libs = await loadMavenFiles(
    cacheFolder(process.env),
    `kafka-tools-${VERSION}`,
    [
      {
        groupId: "org.apache.kafka",
        artifactId: "kafka-tools",
        version: VERSION,
      },
    ],
  );
  await run("java", [
    "-XX:TieredStopAtLevel=1",
    "-cp",
    `${libs}/*`,
    "org.apache.kafka.tools.AclCommand",
    ...args,
  ]);
}
