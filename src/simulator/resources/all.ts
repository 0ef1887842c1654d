import { engagement } from "./engagement.ts";
import { people } from "./people.ts";
import type { Resource } from "./resource.ts";
import { selling } from "./selling.ts";
import { tools } from "./tools.ts";

/** All resource types. A type's index seeds its records, so a new type goes to the end. */
export const resources: readonly Resource[] = [
  ...people,
  ...selling,
  ...engagement,
  ...tools,
];
