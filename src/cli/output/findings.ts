import type { Finding, Report } from "../../doctor/finding.ts";
import { printable } from "../../security/printable.ts";
import { print, type ProcessContext } from "../process-context.ts";

const marks = { ok: "ok      ", warning: "warning ", failed: "FAILED  " };

/** The findings of a check. Prints each as it is reported, unless all are printed as JSON at the end. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #stdout: ProcessContext["stdout"] | null;

  constructor({ stdout }: ProcessContext, json: boolean | undefined) {
    this.#stdout = json === true ? null : stdout;
  }

  get hasFailed(): boolean {
    return this.all.some(({ status }) => status === "failed");
  }

  readonly report: Report = async (finding) => {
    this.all.push(finding);
    const { status, what, message } = finding;
    const line = `${marks[status]}${printable(`${what}: ${message}`)}\n`;
    if (this.#stdout !== null) await print(this.#stdout, line);
  };
}
