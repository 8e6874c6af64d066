import { pointKey, type Point } from "./point.ts";

/** Points of a sweep in their order: a searcher's, and among them those that were added by hand. */
export class PointSequence {
  /** Of the searcher, by its own count. */
  readonly #drawn: Point[] = [];
  /** By place in the sequence, ascending. */
  readonly #added: { readonly at: number; readonly point: Point }[] = [];
  readonly #addedKeys = new Set<string>();
  /** How many points the searcher was asked for: more than it drew where one was added before. */
  #asked = 0;

  /** How many are known. */
  get length(): number {
    return this.#drawn.length + this.#added.length;
  }

  /** Appends a point that the searcher is known to give next. */
  push(point: Point): void {
    this.#drawn.push(point);
    this.#asked++;
  }

  /** Puts a point in; those of the searcher from there on come one later. */
  add(at: number, point: Point): void {
    const last = this.#added.at(-1)?.at ?? -1;
    this.#added.push({ at: Math.max(at, last + 1), point });
    this.#addedKeys.add(pointKey(point));
  }

  /**
   * @param suggest the searcher's point of an index of its own
   * @returns undefined when there are no more
   */
  at(index: number, suggest: (index: number) => Point | undefined): Point | undefined {
    const added = this.#added.find(({ at }) => at === index);
    if (added) return added.point;
    const own = index - this.#added.filter(({ at }) => at < index).length;
    while (this.#drawn.length <= own) {
      const point = suggest(this.#asked);
      if (!point) return undefined;
      this.#asked++;
      if (!this.#addedKeys.has(pointKey(point))) this.#drawn.push(point);
    }
    return this.#drawn[own];
  }
}
