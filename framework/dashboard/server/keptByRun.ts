import type { RunPlace } from "../../store/media/openRecords.ts";

/**
 * What the server has found out about runs that somebody looks at; the longest unused is forgotten
 * first.
 */
export class KeptByRun<T> {
  readonly #make: (place: RunPlace) => T;
  readonly #most: number;
  readonly #kept = new Map<string, T>();

  /** @param most runs of which something is kept */
  constructor(make: (place: RunPlace) => T, most = 64) {
    this.#make = make;
    this.#most = most;
  }

  get(place: RunPlace): T {
    const { folder } = place;
    const value = this.#kept.get(folder) ?? this.#make(place);
    this.#kept.delete(folder);
    this.#kept.set(folder, value);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
    }
    return value;
  }
}
