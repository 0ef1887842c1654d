import { isIP } from "node:net";

/** Returns an address without its query, which may hold a key, for a message. */
export function shownAddress(address: string): string {
  return address.replace(/[?#].*$/s, "");
}

/** Whether the host of a URL is this machine; an IPv6 address may be in brackets. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return (
    host === "localhost" ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}
