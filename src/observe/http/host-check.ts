/** The value of a `Host` header: a name or IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const LOOPBACK_V4 = /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i;

export function isLoopback(address: string): boolean {
  return address === "::1" || LOOPBACK_V4.test(address);
}

/**
 * Returns whether a request is meant for a server that listens on the loopback address `own`. A
 * foreign page whose name resolves to this machine (DNS rebinding) sends its own name as the host.
 */
export function isOwnHost(header: string, own: string): boolean {
  const name = HOST.exec(header)?.groups?.["name"]?.toLowerCase();
  if (name === undefined) return false;
  const bare = name.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return bare === "localhost" || bare === own.toLowerCase() || isLoopback(bare);
}

/** Splits a request target into its path and, in the absolute form that proxies get, its host. */
export function parseTarget(url: string): {
  authority: string | undefined;
  path: string;
} {
  const [, authority, rest = url] =
    /^http:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  const [path = ""] = rest.split("?", 1);
  return { authority, path: path === "" ? "/" : path };
}
