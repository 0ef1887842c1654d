import { nearestOf } from "../../../lib/text/nearest.ts";

const MOST_SUGGESTIONS = 3;
/** A longer word is no type that somebody mistyped, and would take long to compare. */
const LONGEST_WORD = 100;

/** The names that Sell's pages give to records of a type, where they differ from the type. */
const otherNames: Readonly<Partial<Record<string, string>>> = {
  company: "contact",
  organization: "contact",
  people: "contact",
  person: "contact",
  customer: "contact",
  opportunity: "deal",
  owner: "user",
  message: "text_message",
  sms: "text_message",
  comment: "note",
};

/**
 * The known types that a word may stand for: in another spelling (`LossReason`, `loss reasons`) or by
 * another name of Sell's, else by a part of the name, else mistyped.
 */
export function nearTypes(word: string, known: readonly string[]): string[] {
  if (word.length > LONGEST_WORD) return [];
  const forms = formsOf(word);
  const [plain = ""] = forms;
  const likely = [
    [...forms, ...forms.flatMap((form) => otherNames[form] ?? [])],
    known.filter((type) => forms.some((form) => hasPart(type, form))),
    nearestOf(plain, known),
  ].map((types) => types.filter((type) => known.includes(type)));
  const best = likely.find((types) => types.length > 0) ?? [];
  return [...new Set(best)].slice(0, MOST_SUGGESTIONS);
}

/** The word as Sell spells types, and its singulars. */
function formsOf(word: string): string[] {
  const plain = word
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
  const singulars = [
    plain.replace(/ies$/, "y"),
    plain.replace(/(s|x|z|ch|sh)es$/, "$1"),
    plain.replace(/s$/, ""),
  ];
  return [...new Set([plain, ...singulars])];
}

function hasPart(type: string, part: string): boolean {
  return part.length >= 3 && `_${type}_`.includes(`_${part}_`);
}
