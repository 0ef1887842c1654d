import { parse } from "yaml";
import { readDocument } from "../support/documents/markdown.ts";

export const NODE_IMAGE =
  /^FROM (node:\S+) AS build$/m.exec(readDocument("Dockerfile"))?.[1] ?? "";

const { services } = parse(readDocument("docker-compose.yml")) as {
  services: Readonly<Record<string, { readonly image: string }>>;
};

/** Images of others that compose's services run, by the service. */
export const serviceImages: Readonly<Record<string, string>> =
  Object.fromEntries(
    Object.entries(services)
      .map(([service, { image }]) => [service, image] as const)
      .filter(([, image]) => !image.startsWith("sell-kafka:")),
  );

/** The project's own image, as compose names it. */
export const IMAGE = services["connector"]?.image ?? "";
