/* The modules of kafkajs 2.2.4 that are used or repaired here, and are no part of its API. */

declare module "kafkajs/src/admin/index.js" {
  import type { Admin, Logger, RetryOptions } from "kafkajs";
  export default function createAdmin(options: {
    logger: Logger;
    retry: RetryOptions;
    cluster: object;
  }): Admin;
}

declare module "kafkajs/src/errors.js" {
  export const KafkaJSConnectionClosedError: new (
    text: string,
    at: { readonly host: string; readonly port: number },
  ) => Error;
}

declare module "kafkajs/src/protocol/decoder.js" {
  export default class Decoder {
    constructor(bytes: Buffer);
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): { toString(): string };
    readBoolean(): boolean;
    readString(): string | null;
    /** Bytes behind their length. */
    readBytes(): Buffer | null;
    readArray<T>(one: (reader: Decoder) => T): T[];
    readArrayAsync<T>(one: (reader: Decoder) => Promise<T>): Promise<T[]>;
  }
}

declare module "kafkajs/src/protocol/encoder.js" {
  export default class Encoder {
    /** The memory, of which `offset` bytes are written: `buffer`. */
    buf: Buffer;
    offset: number;
    readonly buffer: Buffer;
    writeArray(elements: readonly string[]): unknown;
    writeEncoder: (
      this: Encoder,
      fields: { readonly buf: Buffer; readonly buffer: Buffer },
    ) => Encoder;
  }
}

declare module "kafkajs/src/protocol/error.js" {
  export function createErrorFromCode(code: number): Error;
}

declare module "kafkajs/src/protocol/message/compression/index.js" {
  export function lookupCodec(type: number): {
    compress(records: { buffer: Buffer }): Buffer | Promise<Buffer>;
  } | null;
  export function lookupCodecByAttributes(attributes: number): {
    decompress(bytes: Buffer): Promise<Buffer>;
  } | null;
}

declare module "kafkajs/src/protocol/recordBatch/crc32C/index.js" {
  export default function crc32c(bytes: Buffer): number;
}

declare module "kafkajs/src/protocol/request.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  /** Writes a request with its head: its size, kind, version and number, and the client id. */
  export default function createRequest(options: {
    readonly correlationId: number;
    readonly clientId: string;
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly encode: () => Promise<unknown>;
    };
  }): Promise<Encoder>;
}

declare module "kafkajs/src/protocol/requests/index.js" {
  interface Answer {
    clientSideThrottleTime?: number;
  }

  /** A request, and what reads its answer. */
  export interface Protocol {
    readonly request: {
      readonly apiKey: number;
      readonly apiName: string;
      readonly apiVersion: number;
      readonly encode: () => Promise<unknown>;
    };
    readonly response: {
      readonly decode: (payload: Buffer) => Promise<Answer>;
      readonly parse: (answer: object) => Promise<unknown>;
    };
    /** Replaces the client's own timeout when it is longer. */
    readonly requestTimeout?: number | null;
  }

  /** All versions of a kind of request. */
  export interface RequestDefinition {
    protocol: (query: { version: number }) => (input: object) => Protocol;
  }
}

declare module "kafkajs/src/protocol/requests/fetch/index.js" {
  import type { RequestDefinition } from "kafkajs/src/protocol/requests/index.js";
  const definition: RequestDefinition;
  export default definition;
}

declare module "kafkajs/src/protocol/requests/metadata/index.js" {
  import type { RequestDefinition } from "kafkajs/src/protocol/requests/index.js";
  const definition: RequestDefinition;
  export default definition;
}

declare module "kafkajs/src/protocol/requests/metadata/v1/response.js" {
  import type { Protocol } from "kafkajs/src/protocol/requests/index.js";
  const response: Protocol["response"];
  export default response;
}

declare module "kafkajs/src/protocol/requests/produce/index.js" {
  import type { RequestDefinition } from "kafkajs/src/protocol/requests/index.js";
  const definition: RequestDefinition;
  export default definition;
}

declare module "kafkajs/src/protocol/requests/produce/v3/request.js" {
  export default function request(input: object): {
    encode(): Promise<{ readonly buffer: Buffer }>;
  };
}
