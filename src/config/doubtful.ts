import type { Config } from "./definition/config.ts";
import { mayBecomeDeadLetterTopic } from "./definition/topic-contradictions.ts";
import type { Problem } from "./problem.ts";
import { paddedSecretsIn } from "./stray-characters.ts";
import { unencryptedIn } from "./unencrypted.ts";

/** What is allowed in a configuration, but worth a warning. */
export function doubtfulIn(config: Config): Problem[] {
  return [
    ...unencryptedIn(config),
    ...paddedSecretsIn(config),
    ...withinPattern(config),
  ];
}

function withinPattern({ name, topics, delivery }: Config): Problem[] {
  const { deadLetterTopic } = delivery;
  const { pattern } = topics;
  return mayBecomeDeadLetterTopic({ name, pattern, deadLetterTopic })
    ? [
        {
          path: "delivery.deadLetterTopic",
          message: `lies within topics.pattern (${pattern}): a consumer of the pattern's topics meets dead letters too; choose a name outside it`,
        },
      ]
    : [];
}
