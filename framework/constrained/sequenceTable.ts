import type { Expression } from "./expression.ts";

type Sequence = Extract<Expression, { readonly kind: "sequence" }>;

/**
 * Sequences by their two parts. A hash table of its own, with open addressing: most expressions of a
 * schema are sequences, of one byte of a name after the other.
 */
export class SequenceTable {
  readonly #sequences: Sequence[] = [];
  /** Places in `#sequences`, from 1; 0 is free. */
  #slots = new Uint32Array(256);

  find(head: Expression, tail: Expression): Sequence | undefined {
    return this.#sequences[this.#slots[this.#slotOf(head, tail)]! - 1];
  }

  /** All of them, in the order in which they were made. */
  values(): readonly Sequence[] {
    return this.#sequences;
  }

  add(made: Sequence): void {
    this.#sequences.push(made);
    if (2 * this.#sequences.length > this.#slots.length) this.#grow();
    else this.#slots[this.#slotOf(made.head, made.tail)] = this.#sequences.length;
  }

  /** Where a sequence is, or would be. */
  #slotOf(head: Expression, tail: Expression): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(head.id, 0x9e3779b1) ^ Math.imul(tail.id, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot]!;
      if (place === 0) return slot;
      const each = this.#sequences[place - 1]!;
      if (each.head === head && each.tail === tail) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let i = 0; i < this.#sequences.length; i++) {
      const { head, tail } = this.#sequences[i]!;
      this.#slots[this.#slotOf(head, tail)] = i + 1;
    }
  }
}
