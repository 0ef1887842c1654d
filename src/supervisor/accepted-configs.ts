import type { FolderFile } from "../config/folder/config-folder.ts";
import type { Config } from "../config/definition/config.ts";
import { wouldShareTopics } from "./shared-topics.ts";

/** A configuration that may run. */
export interface Accepted {
  readonly config: Config;
  readonly print: string;
}

/** One file of the folder, and what came of it. */
interface Entry {
  /** What runs, or may; null when nothing of the file was ever accepted. */
  readonly accepted: Accepted | null;
  /** Why the file as it is now is not accepted; null when it is. */
  readonly problem: string | null;
  /** Of the file as it is now. */
  readonly print: string;
}

export type AcceptedConfigs = ReadonlyMap<string, Entry>;

/**
 * Decides which files are accepted. One that is wrong, has the name of another connector, or
 * would share topics with another account is refused; what was accepted before goes on, the
 * earlier content of a file that is refused now too. Of several that come together, all that
 * are in each other's way are refused: which of them is meant, nobody can tell.
 */
export function nextAcceptedConfigs(
  before: AcceptedConfigs,
  files: ReadonlyMap<string, FolderFile>,
): AcceptedConfigs {
  const entries = new Map<string, Entry>();
  const comers = new Map<string, Accepted>();
  for (const [file, { config, print }] of files) {
    const known = before.get(file);
    const kept = known?.accepted ?? null;
    if (config instanceof Error)
      entries.set(file, { accepted: kept, problem: config.message, print });
    else if (kept?.print === print)
      entries.set(file, { accepted: kept, problem: null, print });
    else comers.set(file, { config, print });
  }
  for (;;) {
    const refused = refusals(entries, comers);
    if (refused.size === 0) break;
    for (const [file, problem] of refused) {
      const print = comers.get(file)?.print ?? "";
      const accepted = before.get(file)?.accepted ?? null;
      entries.set(file, { accepted, problem, print });
      comers.delete(file);
    }
  }
  for (const [file, accepted] of comers)
    entries.set(file, { accepted, problem: null, print: accepted.print });
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The new files that are in the way of a standing one, or of each other. */
function refusals(
  standing: AcceptedConfigs,
  comers: ReadonlyMap<string, Accepted>,
): Map<string, string> {
  const refused = new Map<string, string>();
  for (const [file, { config }] of comers) {
    const others = [...standing, ...comers].filter(([other]) => other !== file);
    for (const [other, entry] of others) {
      const accepted = "accepted" in entry ? entry.accepted : entry;
      const problem = accepted && conflict(config, accepted.config, other);
      if (problem === null) continue;
      refused.set(file, problem);
      break;
    }
  }
  return refused;
}

function conflict(own: Config, other: Config, file: string): string | null {
  if (own.name === other.name)
    return `name is ${own.name}, as in ${file}; every connector needs a name of its own`;
  return wouldShareTopics(own, other)
    ? `topics.pattern makes topics that ${file} writes to for another account, and records of the two would overwrite each other; put {name} into the pattern`
    : null;
}
