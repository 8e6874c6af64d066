import type { IndexedRun } from "../../../store/indexedRun.ts";

/** What a run is called: by its user, or by experiment and id. */
export function runTitle({ title, name, id }: IndexedRun): string {
  return title || `${name}/${id}`;
}
