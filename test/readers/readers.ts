import { fileURLToPath } from "node:url";
import type {
  EnvelopeName,
  LayoutName,
  ValueFormatName,
} from "../../src/format/names.ts";
import { registeredFormatNames } from "../../src/format/value-formats.ts";
import { jars } from "../recipes/java.ts";

/** The values that a reader reads in one run. */
export interface Target {
  readonly registryUrl: string;
  readonly format: ValueFormatName;
  readonly layout: LayoutName;
  readonly envelope: EnvelopeName;
}

/** Deserializers that others wrote, in a program that prints each value as JSON. */
export interface Reader {
  readonly name: string;
  readonly formats: readonly ValueFormatName[];
  readonly command: (target: Target) => Promise<Command>;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Confluent's own deserializers, of Python's confluent-kafka; `packages` is the folder of the Python packages. */
export function pythonDeserializers(packages: string): Reader {
  return {
    name: "confluent-kafka",
    formats: registeredFormatNames,
    command: ({ format, registryUrl }) =>
      Promise.resolve({
        program: "python3",
        // Only the pinned packages are seen (-S): confluent-kafka reads JSON by orjson where it finds that.
        args: ["-S", beside("read_fuzzed.py"), format, registryUrl],
        env: { PYTHONPATH: packages },
      }),
  };
}

/** Apicurio's deserializers for Java's Kafka consumer. */
export const apicurioSerdes: Reader = {
  name: "Apicurio's serdes",
  formats: registeredFormatNames,
  async command({ format, registryUrl, envelope }) {
    const classPath = await jars(
      "apicurio-serdes",
      "io.apicurio:apicurio-registry-avro-serde-kafka:3.1.7",
      "io.apicurio:apicurio-registry-jsonschema-serde-kafka:3.1.7",
      "io.apicurio:apicurio-registry-protobuf-serde-kafka:3.1.7",
      // The version of Apicurio's own build, which Maven does not choose here.
      "org.jetbrains.kotlin:kotlin-stdlib:2.3.0",
    );
    const message = envelope === "change" ? "Envelope" : "Value";
    return java(classPath, "ReadBySerde.java", [
      ...[format, apicurioUrl(registryUrl), message],
    ]);
  },
};

/** Apicurio's converter for Kafka Connect. It has none for Confluent's JSON Schema and Protobuf. */
export const apicurioConverter: Reader = {
  name: "Apicurio's converter",
  formats: ["avro"],
  async command({ registryUrl }) {
    const classPath = await jars(
      "apicurio-converter",
      "org.apache.kafka:connect-runtime:4.1.0",
      "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final",
      // As new as the other parts of Jackson, which Maven does not choose here.
      "com.fasterxml.jackson.core:jackson-core:2.19.0",
    );
    return java(classPath, "ReadByConverter.java", [apicurioUrl(registryUrl)]);
  },
};

function java(
  classPath: string,
  file: string,
  args: readonly string[],
): Command {
  const source = beside(`java/${file}`);
  return { program: "java", args: ["-cp", classPath, source, ...args] };
}

function apicurioUrl(registryUrl: string): string {
  return new URL("/apis/registry/v2", registryUrl).href;
}

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
