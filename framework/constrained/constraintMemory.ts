/** Whoever takes some of the memory. */
export interface MemoryOwner {
  /** Lets go of what it can. */
  forget(): void;
}

/** Memory that constraints share: when it is full, those forget that were not used for longest. */
export class ConstraintMemory {
  readonly #mostBytes: number;
  readonly #mostOwners: number;
  /** Bytes of each, those last that were used last. */
  readonly #owners = new Map<MemoryOwner, number>();
  #bytes = 0;

  constructor(mostBytes: number, mostOwners: number = Infinity) {
    this.#mostBytes = mostBytes;
    this.#mostOwners = mostOwners;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Somebody is used, and takes so many bytes by now. */
  use(owner: MemoryOwner, bytes: number): void {
    this.#release(owner);
    this.#owners.set(owner, bytes);
    this.#bytes += bytes;
    for (const oldest of this.#owners.keys()) {
      if (this.#bytes <= this.#mostBytes && this.#owners.size <= this.#mostOwners) break;
      this.#release(oldest);
      oldest.forget();
    }
  }

  #release(owner: MemoryOwner): void {
    this.#bytes -= this.#owners.get(owner) ?? 0;
    this.#owners.delete(owner);
  }
}
