import type { AccountReport } from "../../../app/audit-account.ts";
import { findingKinds, type FindingKind } from "../../../audit/ledger-entry.ts";
import type { Finding } from "../../../audit/report.ts";

const DEFAULT_CONFIG = "connector.config.json";

/** What to do about each kind of finding, a line each, the worst kind first; empty when nothing was found. */
export function nextSteps(
  { totals, examples, result }: AccountReport,
  config: string,
): string[] {
  const found = findingKinds.filter((kind) => totals[kind] > 0);
  const lines = found.map((kind) => {
    const example = examples.find((one) => one.kind === kind);
    return `  ${labels[kind].padEnd(13)}${stepFor(kind, example, config)}`;
  });
  if (result === "incomplete" && totals.notSeen === 0)
    lines.push(`  ${labels.notSeen.padEnd(13)}${auditAgain(config)}`);
  return lines.length > 0 ? ["", "next:", ...lines] : [];
}

const labels: Readonly<Record<FindingKind, string>> = {
  missing: "missing",
  different: "different",
  gone: "gone",
  deadLettered: "dead letter",
  undecided: "undecided",
  notSeen: "not seen",
};

function stepFor(
  kind: FindingKind,
  example: Finding | undefined,
  config: string,
): string {
  const command = (...words: readonly string[]) => commandLine(words, config);
  const whoWrote =
    example === undefined || example.topic === null
      ? ""
      : `, ${command("explain", example.type, example.id, "--history")} tells who wrote one`;
  switch (kind) {
    case "missing":
      return `raise sell.epoch by one, then ${command("sync")}: Sell hands out every record again`;
    case "different":
      return `stop a second connector with this name${whoWrote}; then as for missing: raise sell.epoch by one, ${command("sync")}`;
    case "gone":
      return `find the other writer of the topic${whoWrote}; publish a tombstone for what Sell no longer has`;
    case "deadLettered":
      return `${command("dead-letters", "list")} tells why; once that is mended, ${command("dead-letters", "replay", "--all")}`;
    case "undecided":
      return `${command("audit")} when fewer records change`;
    case "notSeen":
      return auditAgain(config);
  }
}

function auditAgain(config: string): string {
  return `${commandLine(["audit"], config)} again: no session was complete`;
}

/** A command to paste into a shell. */
function commandLine(words: readonly string[], config: string): string {
  const all =
    config === DEFAULT_CONFIG ? words : [...words, "--config", config];
  return ["sell-kafka", ...all.map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
