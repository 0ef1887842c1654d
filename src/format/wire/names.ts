/** A name with a lone surrogate is written with the escapes of JSON, since UTF-8 has none for it. */
export function wellFormed(name: string): string {
  return name.isWellFormed() ? name : JSON.stringify(name).slice(1, -1);
}
