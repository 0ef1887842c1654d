import { createRequire } from "node:module";

type Parse<Decoded> = (decoded: Decoded) => Promise<unknown>;

const require = createRequire(import.meta.url);

/** Wraps how kafkajs 2.2.4 parses the decoded answer to a kind of request, in these versions of it. */
export function wrapParsers<Decoded>(
  request: "metadata" | "produce",
  versions: readonly number[],
  wrap: (parse: Parse<Decoded>) => Parse<Decoded>,
): void {
  for (const version of versions) {
    const response = require(
      `kafkajs/src/protocol/requests/${request}/v${version}/response`,
    ) as { parse: Parse<Decoded> };
    response.parse = wrap(response.parse);
  }
}
