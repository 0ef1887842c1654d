import { z } from "zod";
import type { Config } from "./config.ts";
import { publicText } from "./fields.ts";
import { kafka } from "./kafka.ts";

/** The file `cluster.json` of a folder of connectors. */
export const clusterDefinition = z.strictObject({
  $schema: z.string().optional(),
  group: publicText
    .regex(/^[A-Za-z0-9._-]{1,200}$/, {
      error: "must be 1 to 200 of A-Z a-z 0-9 . _ -",
    })
    .describe(
      "Consumer group by which instances share the connectors of the folder",
    ),
  kafka,
});

/** How the instances of a group find each other. */
export interface ClusterConfig {
  readonly group: string;
  readonly kafka: Config["kafka"];
}
