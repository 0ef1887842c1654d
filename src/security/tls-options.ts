import { hash } from "node:crypto";
import tls, { createSecureContext, type SecureContext } from "node:tls";

/** How to connect to a server over TLS. The server's certificate is verified, whatever the environment says. */
export interface TlsOptions {
  /** Made at the first connection: without `ca`, it trusts the authorities that the process trusts then. */
  readonly secureContext: SecureContext;
  /** The name that the server's certificate must hold, in place of the address. */
  readonly servername?: string;
  readonly rejectUnauthorized: true;
}

/** Texts in PEM format, and the name that the server's certificate must hold. */
export interface TlsMaterial {
  /** Without them, the authorities that the process trusts count. */
  readonly ca?: readonly string[] | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

const known = new Map<string, WeakRef<TlsOptions>>();

/** Throws for material that can't be used. Equal material gives one object, so that connections can be shared. */
export function createTlsOptions(material: TlsMaterial): TlsOptions {
  const print = hash("sha256", JSON.stringify(material));
  const same = known.get(print)?.deref();
  if (same !== undefined) return same;
  const { servername, ...pem } = material;
  // Only to throw: without authorities, it takes no time.
  contextOf({ ...pem, ca: pem.ca ?? [] });
  let context: SecureContext | null = null;
  const options: TlsOptions = {
    get secureContext() {
      return (context ??= contextOf(pem));
    },
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: true,
  };
  known.set(print, new WeakRef(options));
  return options;
}

function contextOf({ ca, cert, key }: TlsMaterial): SecureContext {
  if (ca === undefined) trustSystemAuthorities();
  return createSecureContext({
    ...(ca !== undefined && { ca: [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    minVersion: "TLSv1.2",
  });
}

let isDone = false;

/**
 * Makes the process trust the authorities of the operating system, besides those of Node.js and of
 * `NODE_EXTRA_CA_CERTS`. Takes about a tenth of a second, once, so it waits for the first server that
 * is reached over TLS; must come before the first connection.
 */
export function trustSystemAuthorities(): void {
  if (isDone) return;
  isDone = true;
  tls.setDefaultCACertificates([
    ...tls.getCACertificates("default"),
    ...tls.getCACertificates("system"),
  ]);
}
