import net from "node:net";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Parses `host:port`; an IPv6 address has brackets. */
export function parseAddress(text: string): Address {
  const at = text.lastIndexOf(":");
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(text.slice(at + 1)) };
}

/** Writes an address as a configuration does. */
export function formatAddress({ host, port }: Address): string {
  return net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The configured brokers. Clients try them in order, beginning with the one that worked last. */
export class Seeds {
  readonly #addresses: readonly Address[];
  #first = 0;

  constructor(brokers: readonly string[]) {
    this.#addresses = brokers.map(parseAddress);
  }

  inOrder(): readonly Address[] {
    const addresses = this.#addresses;
    const first = this.#first;
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }

  worked(address: Address): void {
    this.#first = Math.max(0, this.#addresses.indexOf(address));
  }

  has({ host, port }: Address): boolean {
    return this.#addresses.some(
      (one) => one.host === host && one.port === port,
    );
  }
}
