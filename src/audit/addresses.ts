import type { Router } from "../publish/topics/router.ts";
import type { Item } from "../domain/change.ts";
import { fingerprintOf } from "./content.ts";
import type { Address } from "./ledger-entry.ts";

/** Stands for the topic of items that belong to none. */
export const NO_TOPIC = "";

/** Where the connector would publish an item. An item that is no change gets an address by its content. */
export function addressOf(item: Item, router: Router): Address {
  return item.kind === "malformed"
    ? { topic: NO_TOPIC, key: `${item.type ?? "-"}:${fingerprintOf(item)}` }
    : {
        topic: router.topicFor(item.type),
        key: router.keyFor(item.type, item.recordKey),
      };
}

/** The type and id of the record at an address, for people. */
export function recordAt(
  { topic, key }: Address,
  router: Router,
): { type: string; id: string } {
  if (topic === NO_TOPIC) {
    const [type = "-"] = key.split(":");
    return { type, id: "-" };
  }
  // A record of another program: keys name the type here.
  if (!router.hasTopicPerType && !key.includes(":"))
    return { type: "-", id: key };
  const place = router.parse(topic, key);
  return { type: place?.type ?? topic, id: place?.key ?? key };
}
