import {
  madeBy,
  someTags,
  stamps,
  type RecordSeed,
  type Resource,
} from "./resource.ts";
import { sentences, streets, tags } from "./words.ts";

/** What people do about leads, contacts and deals. */
export const activity: readonly Resource[] = [
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
  {
    type: "collaboration",
    share: 0.01,
    firstId: 2_500_001,
    data: (record) => ({
      id: record.id,
      ...madeBy(record),
      ...about(record, ["lead", "contact", "deal"]),
      collaborator_id: record.link("user"),
      ...stamps(record),
    }),
  },
  {
    type: "document",
    share: 0.01,
    firstId: 2_700_001,
    data: (record) => ({
      id: record.id,
      ...about(record, ["lead", "contact", "deal"]),
      ...madeBy(record),
      name: `offer ${record.id}.pdf`,
      content_type: "application/pdf",
      size: record.fixed.integer(1_000, 9_000_000),
      download_url: `https://example.com/documents/${record.id}`,
      ...stamps(record),
    }),
  },
  {
    type: "sequence",
    share: 0.002,
    most: 10,
    firstId: 1,
    data: (record) => ({
      id: record.id,
      name: `Sequence ${record.id}`,
      steps_total: 1,
      ...madeBy(record),
      ...stamps(record),
      steps: {
        items: [
          {
            data: {
              id: record.id * 10,
              action_type: "automated_email",
              delay_from_previous_step: 2,
              delay_from_previous_step_unit: "weekdays",
              position: 0,
              action_properties: { template_id: 5 },
            },
            meta: { type: "step" },
          },
        ],
      },
    }),
  },
  {
    type: "sequence_enrollment",
    share: 0.01,
    firstId: 2_900_001,
    data: (record) => {
      const { id, varying, link, createdAt } = record;
      const sequence = link("sequence");
      return {
        id,
        actor_id: link("user"),
        ...about(record, ["lead", "contact"]),
        state: varying.pick(["active", "finished", "blocked"]),
        sequence: { data: { id: sequence }, meta: { type: "sequence" } },
        enrollment_steps: { items: [], meta: { type: "collection", count: 0 } },
        previously_executed_step_position: varying.chance(0.5) ? 0 : null,
        finished_at: null,
        finished_reason: null,
        finished_actor_id: null,
        created_at: createdAt,
      };
    },
  },
  {
    type: "custom_field",
    share: 0.002,
    most: 8,
    firstId: 1,
    data: (record) => ({
      id: record.id,
      name: `Field ${record.id}`,
      type: record.fixed.pick(["string", "list", "bool", "number"]),
      choices: record.fixed.chance(0.5) ? [{ id: 1, name: "A, B" }] : null,
      for_contact: true,
      for_organisation: false,
      ...stamps(record),
    }),
  },
];

function about(
  { fixed, link }: RecordSeed,
  types: readonly [string, ...string[]],
) {
  const type = fixed.pick(types);
  return { resource_type: type, resource_id: link(type) };
}
