import type { FolderFile } from "../config/folder/config-folder.ts";
import type { Config } from "../config/definition/config.ts";
import { wouldShareTopics } from "./shared-topics.ts";

/** A configuration that may run. */
export interface AcceptedConfig {
  readonly config: Config;
  /** The fingerprint of the file. */
  readonly print: string;
}

/** One file of the folder, and whether it was accepted. */
interface FileState {
  /** The content that was accepted last; null when none ever was. */
  readonly accepted: AcceptedConfig | null;
  /** Why the present content is refused; null when it is accepted. */
  readonly problem: string | null;
  /** The fingerprint of the present content. */
  readonly print: string;
}

export type AcceptedConfigs = ReadonlyMap<string, FileState>;

/**
 * Decides which files are accepted. A file is refused when it is invalid, has the name of another
 * connector, or would share topics with another account. Accepted files stay accepted; of a file that
 * is refused now, its earlier content does. Of new files that conflict, all are refused.
 */
export function nextAcceptedConfigs(
  before: AcceptedConfigs,
  files: ReadonlyMap<string, FolderFile>,
): AcceptedConfigs {
  const states = new Map<string, FileState>();
  const candidates = new Map<string, AcceptedConfig>();
  for (const [file, { config, print }] of files) {
    const known = before.get(file);
    const kept = known?.accepted ?? null;
    if (config instanceof Error)
      states.set(file, { accepted: kept, problem: config.message, print });
    else if (kept?.print === print)
      states.set(file, { accepted: kept, problem: null, print });
    else candidates.set(file, { config, print });
  }
  for (;;) {
    const refused = refusals(states, candidates);
    if (refused.size === 0) break;
    for (const [file, problem] of refused) {
      const print = candidates.get(file)?.print ?? "";
      const accepted = before.get(file)?.accepted ?? null;
      states.set(file, { accepted, problem, print });
      candidates.delete(file);
    }
  }
  for (const [file, accepted] of candidates)
    states.set(file, { accepted, problem: null, print: accepted.print });
  return new Map([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The new files that conflict with an accepted one, or with each other, each with the problem. */
function refusals(
  states: AcceptedConfigs,
  candidates: ReadonlyMap<string, AcceptedConfig>,
): Map<string, string> {
  const refused = new Map<string, string>();
  for (const [file, { config }] of candidates) {
    const others = [...states, ...candidates].filter(
      ([other]) => other !== file,
    );
    for (const [other, one] of others) {
      const accepted = "accepted" in one ? one.accepted : one;
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
