import { about, madeBy, someTags, stamps, type Resource } from "./resource.ts";
import { sentences, streets, tags } from "./words.ts";

/** Notes, tasks, calls, messages and visits about leads, contacts and deals. */
export const engagement: readonly Resource[] = [
  {
    type: "note",
    share: 0.1,
    firstId: 1_500_001,
    data: (record) => ({
      id: record.id,
      ...madeBy(record),
      ...about(record, ["lead", "contact", "deal"]),
      content: record.varying.pick(sentences),
      is_important: record.varying.chance(0.1),
      tags: someTags(record),
      type: record.fixed.chance(0.9) ? "regular" : "restricted",
      ...stamps(record),
    }),
  },
  {
    type: "task",
    share: 0.08,
    firstId: 1_700_001,
    data: (record) => {
      const { id, fixed, varying, link, updatedAt } = record;
      const isCompleted = varying.chance(0.4);
      const isFloating = fixed.chance(0.1);
      return {
        id,
        ...madeBy(record),
        owner_id: link("user"),
        ...(isFloating
          ? { resource_type: null, resource_id: null }
          : about(record, ["lead", "contact", "deal"])),
        completed: isCompleted,
        completed_at: isCompleted ? updatedAt : null,
        due_date: varying.chance(0.9) ? updatedAt : "9999-12-31T00:00:00Z",
        overdue: varying.chance(0.2),
        remind_at: null,
        content: varying.pick(sentences),
        ...stamps(record),
      };
    },
  },
  {
    type: "tag",
    share: 0.005,
    most: 40,
    firstId: 1,
    data: (record) => ({
      id: record.id,
      ...madeBy(record),
      name: `${record.fixed.pick(tags)} ${record.id}`,
      resource_type: record.fixed.pick(["lead", "contact", "deal"]),
      ...stamps(record),
    }),
  },
  {
    type: "call",
    share: 0.04,
    firstId: 1_900_001,
    data: (record) => {
      const { id, fixed, varying, link, createdAt } = record;
      return {
        id,
        user_id: link("user"),
        summary: varying.chance(0.5) ? varying.pick(sentences) : null,
        recording_url: null,
        outcome_id: link("call_outcome"),
        duration: fixed.integer(0, 3_600),
        phone_number: `+1 555 ${id % 10_000}`,
        incoming: fixed.chance(0.5),
        missed: fixed.chance(0.1),
        ...about(record, ["lead", "contact"]),
        associated_deal_ids: [link("deal")].filter((deal) => deal !== null),
        made_at: createdAt,
        external_id: fixed.chance(0.2) ? `ext-${id}` : null,
        ...stamps(record),
      };
    },
  },
  {
    type: "call_outcome",
    share: 0.002,
    most: 6,
    firstId: 1,
    data: (record) => ({
      id: record.id,
      ...madeBy(record),
      name: `Outcome ${record.id}`,
      ...stamps(record),
    }),
  },
  {
    type: "text_message",
    share: 0.03,
    firstId: 2_100_001,
    data: (record) => {
      const { id, fixed, link, createdAt } = record;
      return {
        id,
        user_id: link("user"),
        user_phone_number: "+15550100",
        content: fixed.pick(sentences),
        incoming: fixed.chance(0.5),
        resource_phone_number: `+1555${id % 10_000}`,
        ...about(record, ["lead", "contact"]),
        associated_deal_ids: [],
        sent_at: createdAt,
        ...stamps(record),
      };
    },
  },
  {
    type: "visit",
    share: 0.02,
    firstId: 2_300_001,
    data: (record) => ({
      id: record.id,
      ...madeBy(record),
      outcome_id: record.link("visit_outcome"),
      ...about(record, ["lead", "contact"]),
      visited_at: record.createdAt.replace("Z", ".250Z"),
      resource_address: record.fixed.pick(streets),
      rep_location_verification_status: record.fixed.pick([
        "verified",
        "resource_location_too_far",
        "location_unknown",
      ]),
      summary: record.varying.pick(sentences),
      ...stamps(record),
    }),
  },
  {
    type: "visit_outcome",
    share: 0.002,
    most: 4,
    firstId: 1,
    data: (record) => ({
      id: record.id,
      name: `Visit outcome ${record.id}`,
      ...stamps(record),
    }),
  },
];
