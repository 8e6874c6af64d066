import type { MediaKind, MediaSeries } from "./runMedia.ts";

/** Something that was logged at a step. */
interface Logged {
  readonly step: number;
}

/** What was logged, by kind and key, by growing step. */
export class MediaShelf<T extends Logged> {
  readonly #series = new Map<string, { kind: MediaKind; key: string; items: T[] }>();

  clear(): void {
    this.#series.clear();
  }

  add(kind: MediaKind, key: string, item: T): void {
    const name = seriesName(kind, key);
    const series = this.#series.get(name) ?? { kind, key, items: [] };
    this.#series.set(name, series);
    insert(series.items, item);
  }

  list(): MediaSeries[] {
    const all = Array.from(this.#series.values(), ({ kind, key, items }) => ({
      ...{ kind, key },
      steps: items.map(({ step }) => step),
    }));
    return all.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The item at the last step up to `step`. */
  at(kind: MediaKind, key: string, step: number): T | undefined {
    return this.#items(kind, key).findLast((each) => each.step <= step);
  }

  /** At most `limit` items, spread evenly over the steps. */
  some(kind: MediaKind, key: string, limit: number): T[] {
    return spread(this.#items(kind, key), limit);
  }

  #items(kind: MediaKind, key: string): readonly T[] {
    return this.#series.get(seriesName(kind, key))?.items ?? [];
  }
}

const seriesName = (kind: MediaKind, key: string): string => `${kind} ${key}`;

/** Steps grow, but for what a resumed run logs again: then the later one counts. */
function insert<T extends Logged>(items: T[], item: T): void {
  let at = items.length;
  while (at > 0 && items[at - 1]!.step >= item.step) at--;
  items.splice(at, items[at]?.step === item.step ? 1 : 0, item);
}

function spread<T>(all: readonly T[], limit: number): T[] {
  if (all.length <= limit) return [...all];
  const gap = (all.length - 1) / (limit - 1);
  return Array.from({ length: limit }, (_, i) => all[Math.round(i * gap)]!);
}
