/** A host of a `Host` header: letters, digits, dots and hyphens, or an IPv6 address in brackets. */
const HOST = /^(?<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const LOOPBACK_V4 = /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i;

export function isLoopback(address: string): boolean {
  return address === "::1" || LOOPBACK_V4.test(address);
}

/**
 * Whether a request may be meant for a server on a loopback address, listening as `own`. A page
 * of another site, whose name was made to lead here (DNS rebinding), sends that site's name.
 */
export function isOwnHost(header: string, own: string): boolean {
  const name = HOST.exec(header)?.groups?.["name"]?.toLowerCase();
  if (name === undefined) return false;
  const bare = name.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return bare === "localhost" || bare === own.toLowerCase() || isLoopback(bare);
}

/** The path that is asked for; the host too, where a client names it as it would to a proxy. */
export function targetOf(url: string): {
  authority: string | undefined;
  path: string;
} {
  const [, authority, rest = url] =
    /^http:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  const [path = ""] = rest.split("?", 1);
  return { authority, path: path === "" ? "/" : path };
}
