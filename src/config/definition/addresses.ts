import { isIP } from "node:net";
import { z } from "zod";

/** An address to which secrets are sent. */
export const httpsOrLoopback = z.string().refine(
  (value) => {
    const url = URL.parse(value);
    if (url === null || hasLogin(value)) return false;
    return (
      url.protocol === "https:" ||
      (url.protocol === "http:" && isLoopback(url.hostname))
    );
  },
  {
    error:
      "must be an https:// address without credentials in it; http:// is allowed only for a loopback host (localhost, 127.0.0.1, [::1])",
  },
);

export const httpAddress = z.string().refine(
  (value) => {
    const url = URL.parse(value);
    return url !== null && /^https?:$/.test(url.protocol) && !hasLogin(value);
  },
  {
    error:
      "must be an http:// or https:// address; put credentials into username and password",
  },
);

/** With a slash in its password, a login is parsed as host, port and path. */
function hasLogin(address: string): boolean {
  return address.includes("@");
}

/** For an address to which paths are added; a query might hold a key, and would be shown with them. */
export const withoutQuery = {
  isFit: (value: string) => !/[?#]/.test(value),
  error: "must have no query (?…) and no fragment (#…)",
};

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return (
    host === "localhost" ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}
