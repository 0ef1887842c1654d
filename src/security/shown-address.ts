/** An address as messages show it: without a query, which may hold a key. */
export function shownAddress(address: string): string {
  return address.replace(/[?#].*$/s, "");
}
