import { commandLine } from "../command-line.ts";
import type { Summary } from "./summary.ts";

/** Returns the next steps for a person after a `sync` that left something undone; empty when it left nothing. */
export function nextSteps(
  summary: Summary,
  unconfirmedKeys: number,
  configPath: string,
): string[] {
  const { deadLettered, deferred, failedObjects, result } = summary;
  const isComplete = result === "complete";
  const again = commandLine(["sync"], configPath);
  const steps: string[] = [];
  if (deadLettered > 0)
    steps.push(
      `dead letters: ${deadLettered}; see their causes and what to do: ${commandLine(["dead-letters", "list"], configPath)}`,
    );
  if (deferred > 0 && !isComplete)
    steps.push(
      `deferred: ${deferred}; correct what the errors name (${commandLine(["check"], configPath)} looks at it), then: ${again}`,
    );
  if (failedObjects > 0 && !isComplete)
    steps.push(
      `failed objects: ${failedObjects}, which Sell could not read; try again later: ${again}; if they stay, ask Zendesk's support`,
    );
  if (unconfirmedKeys > 0)
    steps.push(
      `not acknowledged: ${unconfirmedKeys}, whose records are in Kafka; Sell sends them again: ${again}`,
    );
  if (steps.length === 0 && !isComplete)
    steps.push(nextStepOf(result, again, commandLine(["check"], configPath)));
  return steps;
}

function nextStepOf(
  result: Summary["result"],
  again: string,
  check: string,
): string {
  return result === "denied"
    ? `access was refused: ${check} says by whom, and what to do`
    : `it was not complete; go on: ${again}`;
}
