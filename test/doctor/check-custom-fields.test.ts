// `check` says whether custom fields get columns, and fails for none of it.
import { describe, expect, it } from "vitest";
import { checkCustomFields } from "../../src/doctor/check-custom-fields.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { DeniedFault } from "../../src/domain/faults.ts";
import { CustomFieldBook } from "../../src/sell/custom-fields/custom-field-book.ts";
import { FakeClock } from "../support/clocks/fake-clock.ts";

async function findingsOf(isDenied: boolean): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const field = { id: "1", name: "Region", resource: null } as const;
  const customFields = new CustomFieldBook({
    client: {
      fields: (resource) =>
        isDenied
          ? Promise.reject(new DeniedFault("sell", "needs the read scope"))
          : Promise.resolve(
              resource === "contact"
                ? [{ ...field, kind: "text", holders: "all" }]
                : [],
            ),
    },
    clock: new FakeClock(),
    told: () => undefined,
  });
  await checkCustomFields(
    { customFields },
    (finding) => {
      findings.push(finding);
      return Promise.resolve();
    },
    new AbortController().signal,
  );
  return findings;
}

describe("check of custom fields", () => {
  it("counts those that get a column", async () => {
    expect(await findingsOf(false)).toEqual([
      {
        status: "ok",
        what: "custom fields",
        message:
          "get a typed column each: 1 of contacts, 0 of leads, 0 of deals",
      },
    ]);
  });

  it("warns when definitions are unknown", async () => {
    expect(await findingsOf(true)).toEqual([
      {
        status: "warning",
        what: "custom fields",
        message:
          "get no columns, and stay in custom_fields as JSON text: needs the read scope",
      },
    ]);
  });
});
