import { UsageError } from "../../../app/usage-error.ts";
import { isFolder } from "../../../config/folder/config-folder.ts";
import type { Config } from "../../../config/definition/config.ts";
import { readConfig, readFolder } from "../../open-app.ts";
import type { ProcessContext } from "../../process-context.ts";

type Server = NonNullable<Config["server"]>;

/** The address at which a process with this configuration serves its status, for a client on the same machine. */
export async function serverAddress(
  { config: path }: { readonly config: string },
  context: Pick<ProcessContext, "env">,
): Promise<string> {
  const servers = (await isFolder(path))
    ? [...(await readFolder(path, context)).values()].map(
        ({ accepted }) => accepted?.config.server,
      )
    : [(await readConfig(path, context)).server];
  const server = servers.find((one) => one !== undefined);
  if (server === undefined)
    throw new UsageError(
      `${path} has no server setting, so nothing serves a status; add "server": {"port": 9464}, or give the URL of the status page`,
    );
  if (server.port === 0)
    throw new UsageError(
      `server.port of ${path} is 0, so only the log of the process knows its port; give the URL of the status page`,
    );
  return `http://${reachable(server)}:${server.port}/`;
}

function reachable({ host }: Server): string {
  const everywhere = new Map([
    ["0.0.0.0", "127.0.0.1"],
    ["::", "::1"],
  ]);
  const name = everywhere.get(host) ?? host;
  return name.includes(":") ? `[${name}]` : name;
}

/** Completes an address to that of `/status`. Throws a UsageError for what is no address. */
export function toStatusUrl(address: string): URL {
  const url = URL.parse(
    /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`,
  );
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(
      `${address} is no http:// or https:// address; it is like http://localhost:9464/`,
    );
  if (url.username !== "" || url.password !== "")
    throw new UsageError(
      "the status page has no login; give its address without a name and password",
    );
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/status") ? path : `${path}/status`;
  return url;
}
