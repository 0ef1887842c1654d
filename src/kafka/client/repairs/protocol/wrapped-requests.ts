import fetch from "kafkajs/src/protocol/requests/fetch/index.js";
import metadata from "kafkajs/src/protocol/requests/metadata/index.js";
import produce from "kafkajs/src/protocol/requests/produce/index.js";
import type { Protocol } from "../kafkajs-internals.ts";

const kinds = { fetch, metadata, produce };

/** Replaces parts of each request of a kind that kafkajs 2.2.4 creates, in all versions of the request. */
export function wrapRequests(
  kind: keyof typeof kinds,
  wrap: (original: Protocol, input: object) => Partial<Protocol>,
): void {
  const definition = kinds[kind];
  const { protocol } = definition;
  definition.protocol = (query) => {
    const create = protocol(query);
    return (input) => {
      const original = create(input);
      return { ...original, ...wrap(original, input) };
    };
  };
}
