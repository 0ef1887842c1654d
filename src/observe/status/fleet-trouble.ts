import type { RefusedFile } from "../../domain/supervision.ts";
import type { Trouble } from "../troubles/trouble.ts";
import type { ConnectorLine, FleetTrouble } from "./fleet-status.ts";

/** A trouble whose times are filled in, unless its source knows them. */
export type TimelessTrouble = Omit<FleetTrouble, "sinceMs" | "nextTryMs"> &
  Partial<Pick<FleetTrouble, "sinceMs" | "nextTryMs">>;

/** Whether a trouble may be over with the next look at the folder. */
export function isLookedAt({ code }: TimelessTrouble): boolean {
  return code !== "connector" && code !== "group";
}

export function toFileTrouble(refused: RefusedFile): TimelessTrouble {
  const { file, reason, remedy } = refused;
  return {
    code: "file",
    subject: file,
    host: null,
    reason: `${file} is refused: ${reason}`,
    remedy,
  };
}

/** Describes an address that this process can't listen at. */
export function toServerTrouble(reason: string): TimelessTrouble {
  return {
    code: "server",
    subject: null,
    host: null,
    reason,
    remedy: "It is tried again by itself.",
  };
}

/** Describes a connector that is not ready, by the worst of its troubles; null when it does not run here. */
export function toConnectorTrouble(
  { name, detail }: Pick<ConnectorLine, "name" | "detail">,
  worst: Trouble | null,
): TimelessTrouble {
  const told = {
    code: "connector",
    subject: name,
    reason: `${name}: ${detail}`,
  } as const;
  if (worst === null)
    return { ...told, host: null, remedy: "The log says more." };
  const { host, remedy, sinceMs, nextTryMs } = worst;
  return {
    ...told,
    host,
    remedy: `${remedy} See /connectors/${name}/.`,
    sinceMs,
    nextTryMs,
  };
}
