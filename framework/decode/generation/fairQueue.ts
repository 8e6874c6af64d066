/** A queue in which owners take turns; what one of them has put in comes in its order. */
export class FairQueue<Item> {
  /** In the order of the owners' next turns. */
  readonly #owners = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Items of one owner. */
  sizeOf(owner: string): number {
    return this.#owners.get(owner)?.length ?? 0;
  }

  push(owner: string, item: Item): void {
    const own = this.#owners.get(owner);
    if (own) own.push(item);
    else this.#owners.set(owner, [item]);
    this.#size++;
  }

  /** The next item; its owner's next turn is after everybody else's. */
  shift(): Item | undefined {
    const [next] = this.#owners;
    if (!next) return undefined;
    const [owner, items] = next;
    this.#owners.delete(owner);
    const item = items.shift();
    if (items.length > 0) this.#owners.set(owner, items);
    this.#size--;
    return item;
  }

  /** Takes out the items that match. */
  remove(matches: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    for (const [owner, items] of this.#owners) {
      const kept = items.filter((item) => !matches(item));
      removed.push(...items.filter((item) => !kept.includes(item)));
      if (kept.length > 0) this.#owners.set(owner, kept);
      else this.#owners.delete(owner);
    }
    this.#size -= removed.length;
    return removed;
  }
}
