const MOST_TYPES = 100;
/** No controls, no halves of characters: not every reader of metrics takes them, and two may be shown as one. */
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u;

/**
 * The label of each resource type. Sell may invent types at any time, and every label is kept for
 * good, so what comes after the first hundred, or is no name, is `other`; an item without a type
 * is `unknown`.
 */
export class TypeLabels {
  readonly #known = new Set<string>();

  of(type: string | null): string {
    if (type === null) return "unknown";
    if (this.#known.has(type)) return type;
    if (this.#known.size === MOST_TYPES || !NAME.test(type)) return "other";
    this.#known.add(type);
    return type;
  }
}
