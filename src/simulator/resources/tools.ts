import { about, madeBy, stamps, type Resource } from "./resource.ts";

/** What Sell offers around its records: shared access, documents, e-mail sequences, custom fields. */
export const tools: readonly Resource[] = [
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
