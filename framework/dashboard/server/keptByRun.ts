import { RecentlyUsed } from "../../base/recentlyUsed.ts";
import type { RunPlace } from "../../store/media/openRecords.ts";

/** What the server has found out about runs that somebody looks at. */
export class KeptByRun<T> {
  readonly #make: (place: RunPlace) => T;
  readonly #kept: RecentlyUsed<T>;

  /** @param most runs of which something is kept */
  constructor(make: (place: RunPlace) => T, most = 64) {
    this.#make = make;
    this.#kept = new RecentlyUsed(most);
  }

  get(place: RunPlace): T {
    const known = this.#kept.get(place.folder);
    if (known !== undefined) return known;
    const value = this.#make(place);
    this.#kept.set(place.folder, value);
    return value;
  }
}
