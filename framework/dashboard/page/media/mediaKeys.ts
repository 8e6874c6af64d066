import type { RunAnswer } from "../../api.ts";

export type MediaKind = RunAnswer["media"][number]["kind"];

export interface MediaKey {
  readonly kind: MediaKind;
  readonly key: string;
}

/** What is logged by any of some runs, and at which steps. */
export interface MediaOverview {
  readonly keys: readonly MediaKey[];
  /** Rising. */
  readonly steps: readonly number[];
}

const order: readonly MediaKind[] = ["images", "text", "table", "prCurve", "histogram"];

/** The media of runs side by side: each key once, and every step at which there is something. */
export function mediaOverview(
  media: readonly RunAnswer["media"][],
  kinds: readonly MediaKind[],
): MediaOverview {
  const keys = new Map<string, MediaKey>();
  const steps = new Set<number>();
  for (const { kind, key, steps: logged } of media.flat()) {
    if (!kinds.includes(kind)) continue;
    keys.set(`${kind} ${key}`, { kind, key });
    for (const step of logged) steps.add(step);
  }
  return {
    keys: [...keys.values()].toSorted(
      (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.key.localeCompare(b.key),
    ),
    steps: [...steps].toSorted((a, b) => a - b),
  };
}
