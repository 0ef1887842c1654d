import type { AccountReport } from "../../../app/audit-account.ts";
import { findingKinds, type FindingKind } from "../../../audit/ledger-entry.ts";
import type { Finding } from "../../../audit/report.ts";
import { commandLine } from "../../command-line.ts";

/** Returns the steps that cure each kind of finding, a line each, the worst kind first; empty when nothing was found. */
export function nextSteps(
  { totals, examples, result, otherConnectors }: AccountReport,
  config: string,
): string[] {
  const found = findingKinds.filter((kind) => totals[kind] > 0);
  const lines = found.flatMap((kind) => {
    const example = examples.find((one) => one.kind === kind);
    const steps = stepsFor(kind, { example, otherConnectors }, config);
    return linesOf(kind, steps);
  });
  if (result === "incomplete" && totals.notSeen === 0)
    lines.push(...linesOf("notSeen", [auditAgain(config)]));
  return lines.length > 0 ? ["", "next:", ...lines] : [];
}

/** The facts about a kind of finding. */
interface Found {
  readonly example: Finding | undefined;
  readonly otherConnectors: readonly string[];
}

const labels: Readonly<Record<FindingKind, string>> = {
  missing: "missing",
  different: "different",
  gone: "gone",
  deadLettered: "dead letter",
  undecided: "undecided",
  notSeen: "not seen",
};

function linesOf(kind: FindingKind, steps: readonly string[]): string[] {
  return steps.map(
    (step, index) => `  ${(index === 0 ? labels[kind] : "").padEnd(13)}${step}`,
  );
}

function stepsFor(kind: FindingKind, found: Found, config: string): string[] {
  const command = (...words: readonly string[]) => commandLine(words, config);
  const { example, otherConnectors } = found;
  const whoWrote =
    example === undefined || example.topic === null
      ? []
      : [
          `who wrote one: ${command("explain", example.type, example.id, "--history")}`,
        ];
  const apart =
    otherConnectors.length > 0
      ? [
          `other connectors wrote to these topics: ${otherConnectors.join(", ")}; give each its own, by topics.pattern`,
        ]
      : [];
  const writers = [
    ...whoWrote,
    ...(apart.length > 0
      ? apart
      : [
          "if another program did, or a second process of this connector: stop it",
        ]),
  ];
  switch (kind) {
    case "missing":
      return [waiting(config), ...apart, readAgain(config)];
    case "different":
      return [waiting(config), ...writers, readAgain(config)];
    case "gone":
      return [
        ...writers,
        "publish a tombstone for each record that Sell no longer has",
      ];
    case "deadLettered":
      return [
        `the reasons: ${command("dead-letters", "list")}`,
        `once these are corrected: ${command("dead-letters", "replay", "--all")}`,
      ];
    case "undecided":
      return [`${command("audit")} when fewer records change`];
    case "notSeen":
      return [auditAgain(config)];
  }
}

/** The first step: a change that waits for its topic comes without any help, and reading all again does not hurry it. */
function waiting(config: string): string {
  return `records may only be waiting: ${commandLine(["status"], config)} tells what a running connector waits for; when none runs, ${commandLine(["sync"], config)}`;
}

function readAgain(config: string): string {
  return `if nothing waits: raise sell.epoch by one, then ${commandLine(["sync"], config)}: Sell hands out every record again`;
}

function auditAgain(config: string): string {
  return `${commandLine(["audit"], config)} again: no session was complete`;
}
