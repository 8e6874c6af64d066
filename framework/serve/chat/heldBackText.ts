/** A text on its way from which what may be the beginning of a mark is held back. */
export class HeldBackText {
  readonly #marks: readonly string[];
  #held = "";

  /** @param marks none of them empty */
  constructor(marks: readonly string[]) {
    this.#marks = marks;
  }

  /**
   * Adds to the text.
   *
   * @returns what may be told now; where a mark is there, what is before it, the mark, and what
   *   follows
   */
  add(text: string): { told: string; mark?: string; rest?: string } {
    if (this.#marks.length === 0) return { told: text };
    const all = this.#held + text;
    const found = this.#marks
      .map((mark) => ({ mark, at: all.indexOf(mark) }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at || b.mark.length - a.mark.length)[0];
    if (found) {
      this.#held = "";
      const { mark, at } = found;
      return { told: all.slice(0, at), mark, rest: all.slice(at + mark.length) };
    }
    const kept = this.#marks.reduce((most, mark) => Math.max(most, overlap(all, mark)), 0);
    this.#held = all.slice(all.length - kept);
    return { told: all.slice(0, all.length - kept) };
  }

  /** What was held back, when nothing follows. */
  end(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}

/** How much of a mark's beginning a text ends with. */
function overlap(text: string, mark: string): number {
  for (let count = Math.min(text.length, mark.length - 1); count > 0; count--) {
    if (text.endsWith(mark.slice(0, count))) return count;
  }
  return 0;
}
