import type { Finding } from "../kafka/topic-findings.ts";

const marks = { ok: "ok      ", warning: "warning ", failed: "FAILED  " };

export function lineOf({ status, what, message }: Finding): string {
  return `${marks[status]}${what}: ${message}\n`;
}
