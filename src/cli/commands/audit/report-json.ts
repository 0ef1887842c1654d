import type { AccountReport } from "../../../app/audit-account.ts";
import type { Finding } from "../../../audit/report.ts";
import { printableLines } from "../../../security/printable.ts";

/** Parts are joined up to about this many characters. */
const PART_LENGTH = 64 * 1_024;

/** The report as one line of JSON, in parts, with the findings last. Holds one part at a time. */
export function* reportJson(
  report: AccountReport,
  findings: Iterable<Finding>,
): Generator<string> {
  let part = `${JSON.stringify(report).slice(0, -1)},"findings":[`;
  let separator = "";
  for (const finding of findings) {
    part += `${separator}${JSON.stringify(finding)}`;
    separator = ",";
    if (part.length < PART_LENGTH) continue;
    yield printableLines(part);
    part = "";
  }
  yield printableLines(`${part}]}\n`);
}
