import type { KafkaProxy } from "./kafka-proxy.ts";

/** The addresses that a cluster tells its clients, and those of a proxy that stands before it. */
export class BrokerAddresses {
  /** Ports of the proxy, by the address of the broker behind it. */
  readonly #ports = new Map<string, number>();

  get brokers(): string[] {
    return [...this.#ports.values()].map((port) => `127.0.0.1:${port}`);
  }

  async open(broker: string, proxy: KafkaProxy): Promise<void> {
    const { hostname, port } = new URL(`kafka://${broker}`);
    this.#ports.set(broker, await proxy.before(Number(port), hostname));
  }

  /** An answer that names brokers names the proxy instead, so that clients don't go past it. */
  rewritten(frame: Buffer): Buffer {
    const answer = Buffer.from(frame);
    for (const [broker, here] of this.#ports) {
      const { hostname, port } = new URL(`kafka://${broker}`);
      const address = Buffer.concat([Buffer.from(hostname), Buffer.alloc(4)]);
      address.writeInt32BE(Number(port), hostname.length);
      for (
        let at = answer.indexOf(address);
        at >= 0;
        at = answer.indexOf(address, at + 1)
      )
        answer.writeInt32BE(here, at + hostname.length);
    }
    return answer;
  }
}
