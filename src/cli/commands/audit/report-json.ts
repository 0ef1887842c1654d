import type { AccountReport } from "../../../app/audit-account.ts";
import type { Finding } from "../../../audit/report.ts";
import { printableLines } from "../../../security/printable.ts";

/** Parts are joined up to about this many characters. */
const PART_LENGTH = 64 * 1_024;

/**
 * The report as one JSON object, in parts, with the findings last and each on a line of its own.
 * Holds one part at a time, however many findings there are.
 */
export function* reportJson(
  report: AccountReport,
  findings: Iterable<Finding>,
): Generator<string> {
  let part = `${JSON.stringify(report).slice(0, -1)},"findings":[`;
  let separator = "\n";
  for (const finding of findings) {
    part += `${separator}${JSON.stringify(finding)}`;
    separator = ",\n";
    if (part.length < PART_LENGTH) continue;
    yield printableLines(part);
    part = "";
  }
  yield printableLines(`${part}${separator === "\n" ? "" : "\n"}]}\n`);
}
