import type { Page } from "../../domain/ports.ts";

export function countItems(pages: readonly Page[]): number {
  return pages.reduce((sum, { items }) => sum + items.length, 0);
}

export function countBytes(pages: readonly Page[]): number {
  return pages.reduce((sum, { bytes }) => sum + bytes, 0);
}
