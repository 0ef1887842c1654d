import type { Config } from "./definition/config.ts";
import type { Problem } from "./problem.ts";

/** What a configuration sends through the network for anyone to read: allowed, but worth a warning. */
export function unencryptedIn({ kafka, schemaRegistry }: Config): Problem[] {
  const problems: Problem[] = [];
  if (kafka.sasl !== undefined && kafka.ssl === false)
    problems.push({
      path: "kafka.sasl",
      message: `logs in without TLS: ${kafka.sasl.mechanism.startsWith("scram") ? "the records" : "the login and the records"} can be read and changed on the way; set kafka.ssl, and the address of a listener with TLS`,
    });
  if (
    schemaRegistry?.password !== undefined &&
    schemaRegistry.url.startsWith("http:")
  )
    problems.push({
      path: "schemaRegistry.password",
      message:
        "is sent without TLS and can be read on the way; use an https:// address",
    });
  return problems;
}
