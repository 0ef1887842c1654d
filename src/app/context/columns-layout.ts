import type { Observer } from "../../domain/observer.ts";
import type { ColumnsLayout } from "../../format/value-format.ts";
import { CustomFieldBook } from "../../sell/custom-fields/custom-field-book.ts";
import { DefinitionClient } from "../../sell/custom-fields/definition-client.ts";
import { version } from "../../version.ts";
import type { AppContext } from "./app-context.ts";

export type ColumnsObserver = Partial<
  Pick<Observer, "requested" | "customFieldsAsked" | "schemaKept">
>;

/** The layout `columns` with the client that it opened, which disposing closes. */
export interface OpenColumns extends ColumnsLayout, AsyncDisposable {
  readonly customFields: CustomFieldBook;
}

/** Opens what reads the definitions of custom fields. Nothing is asked for yet. */
export function openColumns(
  { config, clock, shared }: AppContext,
  observer: ColumnsObserver,
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
      userAgent: `sell-kafka/${version} (Node.js)`,
      limiter: share.limiter,
      clock,
      onRequest: (request) => {
        observer.requested?.(request);
      },
    })),
  );
  let isOpen = true;
  return {
    customFields: new CustomFieldBook({
      client,
      clock,
      told: (unknownBecause) => {
        if (isOpen) observer.customFieldsAsked?.(unknownBecause);
      },
    }),
    schemaKept: (subject, why) => {
      observer.schemaKept?.(subject, why);
    },
    async [Symbol.asyncDispose]() {
      isOpen = false;
      await client[Symbol.asyncDispose]();
      for (const { share } of shares) share[Symbol.dispose]();
    },
  };
}
