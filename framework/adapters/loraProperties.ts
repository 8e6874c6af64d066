/** What a spec says of low-rank changes, whatever they are made to. */
export interface LoraProperties {
  rank: number;
  alpha: number | null;
  seed: number | null;
}

/**
 * Schemas of the fields of {@link LoraProperties}, for a section of an experiment.
 *
 * @param rank where the spec has none
 */
export function loraProperties(rank: number): Record<keyof LoraProperties, object> {
  return {
    rank: { type: "integer", minimum: 1, default: rank },
    alpha: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      default: null,
      description: "Changes are multiplied by alpha / rank; null: by 1.",
    },
    seed: {
      type: ["integer", "null"],
      minimum: 0,
      maximum: 2 ** 31,
      default: null,
      description: "Of the factors' first values; null: the run's.",
    },
  };
}
