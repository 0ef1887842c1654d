// A server's words within a finding start no line and move no cursor.
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import type { ProcessContext } from "../../../src/cli/process-context.ts";
import { Findings } from "../../../src/cli/output/findings.ts";

it("a server's words start no line of their own, and move no cursor", async () => {
  const stdout = new PassThrough();
  const findings = new Findings({ stdout } as unknown as ProcessContext, false);
  await findings.report({
    status: "failed",
    what: "Sell",
    message: "answered no\nok      Sell: was reached\r\u001b[2K\u009b1A\u202e",
  });
  const text = String(stdout.read());
  expect(text).toMatch(/^FAILED {2}Sell: answered no\\nok .*\n$/);
  expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
});
