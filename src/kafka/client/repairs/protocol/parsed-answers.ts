import { createRequire } from "node:module";

type Parse<Decoded> = (decoded: Decoded) => Promise<unknown>;

const require = createRequire(import.meta.url);

/** Wraps the functions by which kafkajs 2.2.4 parses decoded answers, for some versions of a request. */
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
