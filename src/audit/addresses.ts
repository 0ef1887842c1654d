import type { Router } from "../publish/router.ts";
import type { Item } from "../domain/change.ts";
import { fingerprintOf } from "./content.ts";
import type { Place } from "./ledger.ts";

/** The topic under which items are kept that belong to none. */
const NO_TOPIC = "";

/** Where the connector would publish an item; one that is no change has a place of its own. */
export function placeOfItem(item: Item, router: Router): Place {
  return item.kind === "malformed"
    ? { topic: NO_TOPIC, key: `${item.type ?? "-"}:${fingerprintOf(item)}` }
    : {
        topic: router.nameOf(item.type),
        key: router.key(item.type, item.recordKey),
      };
}

/** The type and id of a record at a place, for people. */
export function recordAt(
  { topic, key }: Place,
  router: Router,
): { type: string; id: string } {
  if (topic === NO_TOPIC) {
    const [type = "-"] = key.split(":");
    return { type, id: "-" };
  }
  const place = router.placeOf(topic, key);
  return { type: place?.type ?? topic, id: place?.key ?? key };
}
