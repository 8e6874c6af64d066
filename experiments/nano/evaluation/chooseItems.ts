import { placeOf } from "../data/split.ts";

/**
 * So many of some items, the same ones whatever else is asked for: those whose texts have the least
 * hashes, in the order they were given. More of them hold all that fewer do.
 *
 * @param limit null: all
 * @param keyOf text that an item is known by
 */
export function chooseItems<Item>(
  items: readonly Item[],
  limit: number | null,
  keyOf: (item: Item) => string,
): Item[] {
  if (limit === null || items.length <= limit) return [...items];
  const places = items.map((item) => placeOf(`evaluate/${keyOf(item)}`));
  const order = items.map((_, i) => i).toSorted((a, b) => places[a]! - places[b]! || a - b);
  const chosen = new Set(order.slice(0, limit));
  return items.filter((_, i) => chosen.has(i));
}
