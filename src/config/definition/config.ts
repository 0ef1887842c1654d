import { z } from "zod";
import { registeredFormatNames } from "../../format/value-formats.ts";
import type { Proxies } from "../../security/proxies.ts";
import type { TlsOptions } from "../../security/tls-options.ts";
import { keysIn } from "../config-path.ts";
import { delivery } from "./delivery.ts";
import { publicText, textKindOf } from "./fields.ts";
import { format } from "./format.ts";
import { kafka } from "./kafka.ts";
import { log } from "./log.ts";
import { schemaRegistry } from "./schema-registry.ts";
import { sell } from "./sell.ts";
import { server } from "./server.ts";
import { topics } from "./topics.ts";

export const configDefinition = z.strictObject({
  $schema: z
    .string()
    .optional()
    .describe("Where an editor finds the JSON Schema of this file"),
  name: publicText
    .regex(/^[A-Za-z0-9._-]{1,100}$/, {
      error: "must be 1 to 100 of A-Z a-z 0-9 . _ -",
    })
    .describe("The connector's identity"),
  sell,
  kafka,
  topics: topics.prefault({}),
  format: format.prefault({}),
  schemaRegistry: schemaRegistry
    .optional()
    .describe(
      `Keeps the schemas of values; required with format.value ${registeredFormatNames.join(" or ")}`,
    ),
  delivery: delivery.prefault({}),
  server: server
    .optional()
    .describe("Serves metrics, probes and the status page"),
  log: log.prefault({}),
});

/** Keys whose values no message may show. */
export const secretPaths = pathsOf("secret");
/** Secrets, and the names that are sent beside them. */
export const credentialPaths = [...secretPaths, ...pathsOf("login")];

function pathsOf(kind: "secret" | "login"): readonly string[] {
  return keysIn(configDefinition)
    .filter(({ types }) => types.some((type) => textKindOf(type) === kind))
    .map(({ path }) => path.join("."));
}

type ConfigFile = z.output<typeof configDefinition>;
type SaslFile = NonNullable<ConfigFile["kafka"]["sasl"]>;

/** A connection over HTTP may lead through a proxy that the environment names. */
interface Proxied {
  readonly proxies: Proxies;
}

/** The variables of the process in which AWS's programs look for credentials. */
interface FromAws {
  readonly environment: Readonly<Record<string, string>>;
}

/** A valid configuration, with every default filled in and the files of its connections read. */
export type Config = Readonly<
  Omit<ConfigFile, "sell" | "kafka" | "schemaRegistry"> & {
    sell: ConfigFile["sell"] & Proxied;
    kafka: Omit<ConfigFile["kafka"], "ssl" | "sasl"> & {
      ssl: TlsOptions | false;
      sasl?: (SaslFile & Proxied & FromAws) | undefined;
    };
    schemaRegistry?:
      | (Omit<NonNullable<ConfigFile["schemaRegistry"]>, "ssl"> &
          Proxied & { ssl?: TlsOptions | undefined })
      | undefined;
  }
>;
