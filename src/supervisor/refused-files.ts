import type { RefusedFile } from "../domain/supervision.ts";
import type { AcceptedConfigs } from "./accepted-configs.ts";

/** A file may have any number of problems; what is shown of them is sent to each open page every second. */
const SHOWN_LINES = 20;

/** Lists the files that are not accepted as they are now, each with what the operator has to do. */
export function refusedFiles(configs: AcceptedConfigs): RefusedFile[] {
  return [...configs].flatMap(([file, { accepted, problem }]) => {
    if (problem === null) return [];
    const goesOn = accepted?.config.name ?? null;
    const reason = firstLines(problem);
    return [{ file, goesOn, reason, remedy: remedyFor(goesOn) }];
  });
}

function remedyFor(goesOn: string | null): string {
  const correct = "Correct the file; it is read again by itself.";
  return goesOn === null
    ? correct
    : `${correct} Until then ${goesOn} goes on with the configuration that was accepted before; a restart of the process would not start it.`;
}

function firstLines(text: string): string {
  const lines = text.split("\n");
  const more = lines.length - SHOWN_LINES;
  return more <= 0
    ? text
    : [
        ...lines.slice(0, SHOWN_LINES),
        `  and ${more} more; sell-kafka check names all of them`,
      ].join("\n");
}
