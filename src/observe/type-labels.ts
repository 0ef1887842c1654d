const MOST_TYPES = 100;
const LONGEST_NAME = 100;

/**
 * The label of each resource type. Sell may invent types at any time, and every label is kept
 * for good, so what comes after the first hundred is `other`; an item without a type is `unknown`.
 */
export class TypeLabels {
  readonly #known = new Set<string>();

  of(type: string | null): string {
    if (type === null) return "unknown";
    if (this.#known.has(type)) return type;
    if (this.#known.size === MOST_TYPES || type.length > LONGEST_NAME)
      return "other";
    this.#known.add(type);
    return type;
  }
}
