import type { Cause } from "../domain/cause.ts";
import type { RequestReport } from "../domain/observer.ts";
import type { ColumnsLayout } from "../format/value-format.ts";
import { CustomFieldBook } from "../sell/custom-fields/custom-field-book.ts";
import { DefinitionClient } from "../sell/custom-fields/definition-client.ts";
import { version } from "../version.ts";
import type { AppContext } from "./app-context.ts";

export interface ColumnsObserver {
  readonly requested: (request: RequestReport) => void;
  readonly customFieldsAsked: (unknownBecause: string | null) => void;
  readonly schemaKept: (subject: string, why: Cause | null) => void;
}

/** What the layout `columns` needs, and closes with what it opened. */
export interface OpenColumns extends ColumnsLayout, AsyncDisposable {
  readonly customFields: CustomFieldBook;
}

/** Opens what reads the definitions of custom fields. Nothing is asked for yet. */
export function openColumns(
  { config, clock, shared }: AppContext,
  observer: Partial<ColumnsObserver>,
): OpenColumns {
  const { readToken, accessToken, ...sell } = config.sell;
  const tokens = readToken === undefined ? [] : [readToken];
  const shares = [...tokens, accessToken].map((token) => ({
    token,
    share: shared.limiters.join(token, sell.requestsPerSecond),
  }));
  const client = new DefinitionClient(
    shares.map(({ token, share }) => ({
      ...sell,
      accessToken: token,
      connections: 1,
      userAgent: `sell-kafka/${version} (Node.js)`,
      limiter: share.limiter,
      clock,
      onRequest: observer.requested ?? nothing,
    })),
  );
  return {
    customFields: new CustomFieldBook({
      client,
      clock,
      told: observer.customFieldsAsked ?? nothing,
    }),
    schemaKept: observer.schemaKept ?? nothing,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      for (const { share } of shares) share[Symbol.dispose]();
    },
  };
}

function nothing(): void {
  // Nobody listens.
}
