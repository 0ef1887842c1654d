import type { RefusedFile } from "../../domain/supervision.ts";
import type { ConnectorLine, FleetTrouble } from "./fleet-status.ts";

/** A trouble as it is told, without its times. */
export type TimelessTrouble = Omit<FleetTrouble, "sinceMs" | "nextTryMs">;

/** Whether a trouble may be over with the next look at the folder. */
export function isLookedAt({ code }: TimelessTrouble): boolean {
  return code !== "connector" && code !== "group";
}

export function toFileTrouble(refused: RefusedFile): TimelessTrouble {
  const { file, reason, remedy } = refused;
  return {
    code: "file",
    subject: file,
    reason: `${file} is refused: ${reason}`,
    remedy,
  };
}

/** Describes an address that this process can't listen at. */
export function toServerTrouble(reason: string): TimelessTrouble {
  return {
    code: "server",
    subject: null,
    reason,
    remedy: "It is tried again by itself.",
  };
}

/** Describes a connector that is not ready. */
export function toConnectorTrouble({
  name,
  detail,
}: Pick<ConnectorLine, "name" | "detail">): TimelessTrouble {
  return {
    code: "connector",
    subject: name,
    reason: `${name}: ${detail}`,
    remedy: `See /connectors/${name}/status.`,
  };
}
