import type { TrainingModule } from "seedbed";

/**
 * How many parameters of each part are trained and how many are not, as lines of the summary:
 * `parameters.unet.trainable`, `parameters.unet.frozen` and so on. Parts are what names begin with.
 */
export function parameterCounts(
  module: Pick<TrainingModule, "trainableParameters" | "frozenParameters">,
): Record<string, number> {
  const trainable = sizes(module.trainableParameters());
  const frozen = sizes(module.frozenParameters?.() ?? new Map());
  const parts = [...new Set([...trainable.keys(), ...frozen.keys()])];
  return Object.fromEntries(
    parts.flatMap((part) => [
      [`parameters.${part}.trainable`, trainable.get(part) ?? 0],
      [`parameters.${part}.frozen`, frozen.get(part) ?? 0],
    ]),
  );
}

function sizes(parameters: ReadonlyMap<string, { readonly size: number }>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name, { size }] of parameters) {
    const [part = name] = name.split(".");
    counts.set(part, (counts.get(part) ?? 0) + size);
  }
  return counts;
}
