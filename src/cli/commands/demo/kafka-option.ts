import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { KafkaChoice } from "../../../local/stack.ts";

/** Where the demo gets its Kafka; `none` prints the changes. */
export type DemoKafka = KafkaChoice | "none";

const BROKER = /^(\[[0-9a-fA-F:]+\]|[^\s:/,]+):(?<port>\d{1,5})$/;
const LAST_PORT = 65_535;

/** Parses the value of `--kafka`. */
export function parseKafka(text: string): DemoKafka {
  if (text === "docker" || text === "java" || text === "none") return text;
  const brokers = text.split(",").map((one) => one.trim());
  if (!brokers.every(isBroker))
    throw new InvalidArgumentError(
      "It must be docker, java, none, or the address of a Kafka as HOST:PORT.",
    );
  return brokers;
}

function isBroker(text: string): boolean {
  const port = Number(BROKER.exec(text)?.groups?.["port"] ?? 0);
  return port >= 1 && port <= LAST_PORT;
}
