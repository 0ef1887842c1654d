import type { RegisteredFormat } from "../value-format.ts";
import { protobufWriter } from "./protobuf-writer.ts";
import { protoText } from "./schemas.ts";

/** Values as Protobuf messages in Confluent's wire format. */
export const protobufFormat: RegisteredFormat = {
  title: "Protobuf",
  summary: "with a message for each type",
  contentType: "application/protobuf",
  schemas: {
    kind: "PROTOBUF",
    title: "Protobuf schema",
    text: (type, shape) => protoText(type, shape),
    // The parser is loaded only where it is needed.
    columns: {
      text: async (type, shape, known) =>
        (await columnSchemas()).columnsText(type, shape, known),
      isOne: async (text, shape) =>
        (await columnSchemas()).isOfColumns(text, shape),
    },
    createReader: async (text, customFields) =>
      (await import("./protobuf-reader.ts")).protobufReader(text, customFields),
  },
  createWriter: (options) => protobufWriter(options, protobufFormat.schemas),
};

const columnSchemas = () => import("./columns/column-schemas.ts");
