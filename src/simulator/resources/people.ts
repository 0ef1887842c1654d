import {
  address,
  customFields,
  madeBy,
  someTags,
  stamps,
  type RecordSeed,
  type Resource,
} from "./resource.ts";
import {
  companies,
  firstNames,
  industries,
  lastNames,
  sentences,
  titles,
} from "./words.ts";

/** The account, its users, and the contacts and leads that they sell to. */
export const people: readonly Resource[] = [
  {
    type: "account",
    share: 0.001,
    most: 1,
    firstId: 100_001,
    data: (record) => ({
      id: record.id,
      name: record.fixed.pick(companies),
      currency: "EUR",
      time_format: record.fixed.chance(0.5) ? "24H" : "12H",
      timezone: "UTC+01:00",
      phone: "+48 12 555 0100",
      subdomain: record.fixed.chance(0.5) ? "acme" : null,
      ...stamps(record),
    }),
  },
  {
    type: "user",
    share: 0.005,
    most: 200,
    firstId: 1,
    data: (record) => {
      const { id, fixed, varying, link } = record;
      const name = `${fixed.pick(firstNames)} ${fixed.pick(lastNames)}`;
      const isAdmin = fixed.chance(0.2);
      return {
        id,
        name,
        email: `user${id}@example.com`,
        status: varying.chance(0.9) ? "active" : "inactive",
        invited: fixed.chance(0.9),
        confirmed: varying.chance(0.8),
        phone_number: fixed.chance(0.5) ? "+1 555 0123" : null,
        role: isAdmin ? "admin" : "user",
        roles: isAdmin ? [{ id: 7, name: "Sales lead" }] : [],
        team_name: fixed.chance(0.5) ? "EMEA" : null,
        group: fixed.chance(0.5) ? { id: 3, name: "Field sales" } : null,
        reports_to: id === 1 ? null : link("user"),
        timezone: "Europe/Warsaw",
        ...stamps(record),
        deleted_at: null,
        zendesk_user_id: fixed.chance(0.5)
          ? String(360_000_000_000 + id)
          : null,
        identity_type: "person",
        system_tags: fixed.chance(0.1) ? ["owner"] : [],
        detached: false,
        sell_login_disabled: varying.chance(0.05),
        confirmation_token: null,
      };
    },
  },
  {
    type: "contact",
    share: 0.25,
    firstId: 3_000_000_001,
    data: (record) => {
      const { id, fixed, varying, link } = record;
      const isOrganization = fixed.chance(0.3);
      const first = fixed.pick(firstNames);
      const last = fixed.pick(lastNames);
      const company = `${fixed.pick(companies)} ${id % 1000}`;
      return {
        id,
        ...madeBy(record),
        owner_id: link("user"),
        is_organization: isOrganization,
        contact_id: isOrganization ? null : link("contact"),
        parent_organization_id: isOrganization ? link("contact") : null,
        name: isOrganization ? company : `${first} ${last}`,
        first_name: isOrganization ? null : first,
        last_name: isOrganization ? null : last,
        customer_status: varying.pick(["none", "current", "past"]),
        prospect_status: varying.pick(["none", "current", "lost"]),
        title: isOrganization ? null : fixed.pick(titles),
        description: varying.chance(0.3) ? varying.pick(sentences) : null,
        industry: isOrganization ? fixed.pick(industries) : null,
        ...reachable(record),
        address: address(record),
        billing_address: fixed.chance(0.3) ? address(record) : null,
        shipping_address: null,
        tags: someTags(record),
        custom_fields: customFields(record),
        ...stamps(record),
      };
    },
  },
  {
    type: "lead",
    share: 0.15,
    firstId: 2_147_483_600,
    data: (record) => {
      const { id, fixed, varying, link } = record;
      return {
        id,
        ...madeBy(record),
        owner_id: link("user"),
        first_name: fixed.pick(firstNames),
        last_name: fixed.pick(lastNames),
        organization_name: fixed.chance(0.5) ? fixed.pick(companies) : null,
        status: varying.pick(["New", "Working", "Unqualified", "Nie odbiera"]),
        source_id: link("lead_source"),
        unqualified_reason_id: varying.chance(0.1)
          ? link("lead_unqualified_reason")
          : null,
        title: fixed.pick(titles),
        description: varying.chance(0.3) ? varying.pick(sentences) : null,
        industry: fixed.pick(industries),
        ...reachable(record),
        address: address(record),
        tags: someTags(record),
        custom_fields: customFields(record),
        ...stamps(record),
      };
    },
  },
];

function reachable({ id, fixed, varying }: RecordSeed) {
  return {
    website: fixed.chance(0.4) ? `https://example.com/${id}?a=1&b=2` : null,
    email: fixed.chance(0.8) ? `someone+${id}@example.org` : null,
    phone: varying.chance(0.7) ? `+44 20 7946 ${id % 10_000}` : null,
    mobile: varying.chance(0.4) ? `+44 7700 ${id % 1_000_000}` : null,
    fax: null,
    twitter: fixed.chance(0.1) ? `@someone${id}` : null,
    facebook: null,
    linkedin: fixed.chance(0.2) ? `https://linkedin.com/in/${id}` : null,
    skype: null,
  };
}
