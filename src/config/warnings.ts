import type { Config } from "./definition/config.ts";
import type { Problem } from "./problem.ts";
import { paddedCredentialsIn } from "./stray-characters.ts";
import { topicsWithinPattern } from "./topic-contradictions.ts";

/** What a configuration may do, but hardly ever should. */
export function warningsIn(config: Config): Problem[] {
  return [
    ...unencryptedIn(config),
    ...paddedCredentialsIn(config),
    ...topicsWithin(config),
  ];
}

/** Credentials and records that anyone on the network can read. */
export function unencryptedIn({ kafka, schemaRegistry }: Config): Problem[] {
  const problems: Problem[] = [];
  if (kafka.sasl !== undefined && kafka.ssl === false)
    problems.push({
      path: "kafka.sasl",
      message: `logs in without TLS: ${kafka.sasl.mechanism.startsWith("scram") ? "the records" : "the login and the records"} can be read and changed on the way; set kafka.ssl, and the address of a listener with TLS`,
    });
  const login = schemaRegistry?.oauth === undefined ? "password" : "oauth";
  if (
    schemaRegistry?.[login] !== undefined &&
    schemaRegistry.url.startsWith("http:")
  )
    problems.push({
      path: `schemaRegistry.${login}`,
      message:
        "is sent without TLS and can be read on the way; use an https:// address",
    });
  return problems;
}

function topicsWithin(config: Config): Problem[] {
  const { name, topics, delivery } = config;
  const { pattern, markers } = topics;
  const { deadLetterTopic } = delivery;
  return topicsWithinPattern({ name, pattern, deadLetterTopic, markers }).map(
    ({ path, holds }) => ({
      path,
      message: `lies within topics.pattern (${pattern}): a consumer of the pattern's topics meets ${holds} too; choose a name outside it`,
    }),
  );
}
