import type { SecureContext } from "node:tls";
import tls from "node:tls";

/** How connections to a server are made over TLS. The server's certificate is verified, whatever the environment says. */
export interface TlsOptions {
  readonly secureContext: SecureContext;
  /** Name that the server's certificate must hold, in place of the address. */
  readonly servername?: string;
  readonly rejectUnauthorized: true;
}

let isDone = false;

/**
 * Has the process trust the authorities of the operating system, besides those that come with
 * Node.js and those of `NODE_EXTRA_CA_CERTS`. Takes about a tenth of a second, once.
 */
export function trustSystemAuthorities(): void {
  if (isDone) return;
  isDone = true;
  tls.setDefaultCACertificates([
    ...tls.getCACertificates("default"),
    ...tls.getCACertificates("system"),
  ]);
}
