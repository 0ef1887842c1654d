import {
  customFields,
  dateOf,
  exactNumber,
  madeBy,
  money,
  someTags,
  stamps,
  type RecordSeed,
  type Resource,
} from "./resource.ts";
import { companies, currencies, sentences } from "./words.ts";

const pipelineStages = [
  { name: "Prospecting", category: "incoming", position: 1, likelihood: 5 },
  { name: "Qualified", category: "in_progress", position: 2, likelihood: 10 },
  { name: "Quote", category: "in_progress", position: 3, likelihood: 20 },
  { name: "Closure", category: "in_progress", position: 7, likelihood: 50 },
  { name: "Won", category: "won", position: 8, likelihood: null },
  { name: "Lost", category: "lost", position: 9, likelihood: null },
  {
    name: "Unqualified",
    category: "unqualified",
    position: 10,
    likelihood: null,
  },
] as const;

/** Deals, their pipelines and reasons, and their orders and products. */
export const selling: readonly Resource[] = [
  {
    type: "pipeline",
    share: 0.001,
    most: 3,
    firstId: 1,
    data: (record) => {
      const { id, indexInType, fixed, embedded } = record;
      const stages = pipelineStages
        .map((_, n) =>
          embedded("stage", indexInType * pipelineStages.length + n),
        )
        .filter((stage) => stage !== null);
      return {
        id,
        name:
          ["Sales", "Renewals", "Größere Projekte"][indexInType] ?? `No. ${id}`,
        disabled: fixed.chance(0.1),
        ...stamps(record),
        locale_key: indexInType === 0 ? "default" : null,
        stages: {
          items: stages.map((data) => ({ data, meta: { type: "stage" } })),
        },
      };
    },
  },
  {
    type: "stage",
    share: 0.03,
    most: 21,
    firstId: 1,
    data: (record) => {
      const { id, indexInType } = record;
      const stage = pipelineStages[indexInType % pipelineStages.length];
      return {
        id,
        name: stage?.name ?? null,
        category: stage?.category ?? null,
        active: (stage?.likelihood ?? null) !== null,
        position: stage?.position ?? null,
        likelihood: stage?.likelihood ?? null,
        pipeline_id: Math.floor(indexInType / pipelineStages.length) + 1,
        ...stamps(record),
        position_hash: `h${id}`,
        has_original_name: true,
        locale_key: null,
      };
    },
  },
  {
    type: "deal",
    share: 0.2,
    firstId: 4_300_000_001,
    data: (record) => {
      const { id, fixed, varying, link, createdAt, updatedAt } = record;
      return {
        id,
        ...madeBy(record),
        owner_id: link("user"),
        name: `${fixed.pick(companies)}: ${fixed.integer(1, 500)} seats`,
        value: money(record),
        currency: fixed.pick(currencies),
        hot: varying.chance(0.2),
        stage_id: link("stage"),
        last_stage_change_at: updatedAt,
        last_stage_change_by_id: link("user"),
        last_activity_at: updatedAt,
        source_id: link("deal_source"),
        loss_reason_id: varying.chance(0.2) ? link("loss_reason") : null,
        unqualified_reason_id: varying.chance(0.1)
          ? link("deal_unqualified_reason")
          : null,
        dropbox_email: `dropbox+deal${id}@example.com`,
        contact_id: link("contact"),
        organization_id: fixed.chance(0.5) ? link("contact") : null,
        estimated_close_date: varying.chance(0.7) ? dateOf(updatedAt) : null,
        customized_win_likelihood: varying.chance(0.3)
          ? varying.integer(0, 100)
          : null,
        tags: someTags(record),
        custom_fields: customFields(record),
        ...stamps(record),
        added_at: createdAt,
        associated_contacts: { meta: { type: "collection", count: 1 } },
      };
    },
  },
  {
    type: "associated_contact",
    share: 0.03,
    firstId: 5_000_001,
    // Sell gives these records no id: only their acknowledgement keys differ.
    data: (record) => ({
      contact_id: record.link("contact"),
      role: record.varying.pick(["involved", "primary"]),
      ...stamps(record),
    }),
  },
  namedResource("source", 8, 1, { resource_type: "deal" }),
  namedResource("lead_source", 6, 1, { resource_type: "lead" }),
  namedResource("deal_source", 6, 101, { resource_type: "deal" }),
  namedResource("loss_reason", 5, 1),
  namedResource("lead_unqualified_reason", 5, 1),
  namedResource("deal_unqualified_reason", 5, 1),
  {
    type: "product",
    share: 0.01,
    most: 500,
    firstId: 900_001,
    data: (record) => {
      const { id, fixed, varying } = record;
      const price = fixed.integer(1, 5_000);
      return {
        id,
        name: `Part ${id}`,
        description: fixed.chance(0.5) ? fixed.pick(sentences) : null,
        sku: `SKU-${id}`,
        active: varying.chance(0.9),
        max_discount: fixed.integer(0, 50),
        max_markup: fixed.integer(0, 50),
        cost: `${price}.32`,
        cost_currency: "EUR",
        prices: [
          { amount: `${price * 2}.99`, currency: "EUR" },
          { amount: `${price * 3}.5`, currency: "USD" },
        ],
        ...stamps(record),
      };
    },
  },
  {
    type: "order",
    share: 0.02,
    firstId: 800_001,
    data: (record) => ({
      id: record.id,
      deal_id: record.link("deal"),
      discount: record.varying.integer(0, 30),
      ...stamps(record),
    }),
  },
  {
    type: "line_item",
    share: 0.03,
    firstId: 700_001,
    data: (record) => {
      const { id, fixed, varying, link } = record;
      return {
        id,
        product_id: link("product"),
        value: exactNumber(
          `${fixed.integer(1, 9_999)}.${fixed.integer(10, 99)}`,
        ),
        variation: exactNumber(varying.chance(0.5) ? "0.0" : "-12.5"),
        currency: fixed.pick(currencies),
        quantity: varying.integer(1, 40),
        price: `${fixed.integer(1, 9_999)}.00`,
        name: `Part ${id}`,
        sku: `SKU-${id}`,
        description: null,
        ...stamps(record),
      };
    },
  },
  {
    type: "lead_conversion",
    share: 0.01,
    firstId: 600_001,
    data: (record) => ({
      id: record.id,
      lead_id: record.link("lead"),
      individual_id: record.link("contact"),
      organization_id: record.fixed.chance(0.5) ? record.link("contact") : null,
      deal_id: record.link("deal"),
      ...madeBy(record),
      created_at: record.createdAt,
    }),
  },
];

function namedResource(
  type: string,
  most: number,
  firstId: number,
  more: Readonly<Record<string, unknown>> = {},
): Resource {
  return {
    type,
    share: 0.002,
    most,
    firstId,
    data: (record: RecordSeed) => ({
      id: record.id,
      ...madeBy(record),
      name: `${type.replaceAll("_", " ")} ${record.id}`,
      ...more,
      ...stamps(record),
    }),
  };
}
