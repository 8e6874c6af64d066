/** Values by name, of which the longest unused is forgotten first. */
export class RecentlyUsed<T> {
  readonly #most: number;
  readonly #values = new Map<string, T>();

  /** @param most values that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): T | undefined {
    const value = this.#values.get(name);
    if (value !== undefined) this.set(name, value);
    return value;
  }

  set(name: string, value: T): void {
    this.#values.delete(name);
    this.#values.set(name, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#most) break;
      this.#values.delete(oldest);
    }
  }
}
