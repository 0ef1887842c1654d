import { NoKafkaHere, startLocalStack } from "../../../local/stack.ts";
import type { LocalStack } from "../../../local/way.ts";
import type { ProcessContext } from "../../process-context.ts";
import type { DemoKafka } from "./kafka-option.ts";
import type { Show } from "./show.ts";

type Found =
  /** `stack` is null when the changes are to be printed. */
  | { readonly kind: "found"; readonly stack: LocalStack | null }
  /** The only way that the user allows does not work. */
  | { readonly kind: "failed"; readonly problem: string };

/** Finds or starts a Kafka in the way that was chosen, else in the first way that works; printing always does. */
export async function findKafka(
  choice: DemoKafka | undefined,
  { env, stopping }: Pick<ProcessContext, "env" | "stopping">,
  show: Show,
): Promise<Found> {
  if (choice === "none") {
    show.say("printing the changes, without a Kafka");
    return { kind: "found", stack: null };
  }
  try {
    const stack = await startLocalStack({
      env,
      withRegistry: false,
      say: (line) => {
        show.say(line);
      },
      waiting: (text) => {
        show.now(text);
      },
      kafka: choice,
      signal: stopping,
    });
    show.now("", null);
    return { kind: "found", stack };
  } catch (error) {
    if (!(error instanceof NoKafkaHere)) throw error;
    const [problem = ""] = error.problems.slice(-1);
    if (choice !== undefined) return { kind: "failed", problem };
    show.say(`${problem}; printing the changes instead`);
    return { kind: "found", stack: null };
  }
}
