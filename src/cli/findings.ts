import type { Finding, Report } from "../doctor/finding.ts";
import { printable } from "../security/printable.ts";
import { print, type Context } from "./context.ts";

const marks = { ok: "ok      ", warning: "warning ", failed: "FAILED  " };

/** What a check has found; each is printed as it comes, unless all of it is printed as JSON. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #stdout: Context["stdout"] | null;

  constructor({ stdout }: Context, json: boolean | undefined) {
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
