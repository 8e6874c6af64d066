import type { Layout } from "./proto.ts";

const stages = ["train", "val", "test"];

/** Charts that lay a metric of several stages over each other, such as `train/loss` and `val/loss`. */
export class StageLayout {
  /** By metric: the stages that log it. */
  readonly #stages = new Map<string, Set<string>>();
  #hasChanged = false;

  /** Learns of a metric that is logged. */
  add(tag: string): void {
    const slash = tag.indexOf("/");
    const stage = tag.slice(0, slash);
    if (slash < 0 || !stages.includes(stage)) return;
    const metric = tag.slice(slash + 1);
    const known = this.#stages.get(metric) ?? new Set();
    this.#stages.set(metric, known.add(stage));
    this.#hasChanged ||= known.size > 1;
  }

  /** The layout, if it has changed since it was last taken. */
  take(): Layout | undefined {
    if (!this.#hasChanged) return undefined;
    this.#hasChanged = false;
    const shared = [...this.#stages].filter(([, known]) => known.size > 1);
    const chart = shared.map(([metric, known]) => ({
      title: metric,
      multiline: {
        tag: stages
          .filter((stage) => known.has(stage))
          .map((stage) => tagPattern(`${stage}/${metric}`)),
      },
    }));
    return { category: [{ title: "Training and validation", chart }] };
  }
}

/** A regular expression for one tag, which Python reads. */
function tagPattern(tag: string): string {
  return `${tag.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}$`;
}
