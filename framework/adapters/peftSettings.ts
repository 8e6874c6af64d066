import type { HostTensor } from "../base/hostTensor.ts";
import type { LoraLayers } from "./lora.ts";

/** What peft's `LoraConfig` says of the layers of a model. */
export interface PeftSettings {
  /** Of most layers; those of others are in the patterns, by layer. */
  readonly r: number;
  readonly lora_alpha: number;
  readonly rank_pattern: Readonly<Record<string, number>>;
  readonly alpha_pattern: Readonly<Record<string, number>>;
  readonly target_modules: readonly string[];
}

/**
 * Settings of the layers whose names begin with a prefix and a dot; they are named without it.
 *
 * @throws {RangeError} when there is none
 */
export function peftSettings(layers: LoraLayers<HostTensor>, prefix: string): PeftSettings {
  const own = [...layers].flatMap(([name, { down, alpha }]) =>
    name.startsWith(`${prefix}.`)
      ? [{ name: name.slice(prefix.length + 1), rank: down.shape[0]!, alpha }]
      : [],
  );
  const [first] = own;
  if (!first) throw new RangeError(`Cannot describe LoRA: no layer's name begins with ${prefix}.`);
  const others = (key: "rank" | "alpha"): Record<string, number> =>
    Object.fromEntries(
      own.filter((each) => each[key] !== first[key]).map((each) => [each.name, each[key]]),
    );
  return {
    r: first.rank,
    lora_alpha: first.alpha,
    rank_pattern: others("rank"),
    alpha_pattern: others("alpha"),
    target_modules: own.map(({ name }) => name),
  };
}

/** The alpha that settings give a layer: its pattern's, else that of all; undefined without either. */
export function alphaOf(
  settings: { readonly alpha_pattern?: unknown; readonly lora_alpha?: unknown },
  layer: string,
): number | undefined {
  const patterns = Object.entries(Object(settings.alpha_pattern));
  const found = patterns.find(([pattern]) => `.${layer}`.endsWith(`.${pattern}`));
  const alpha = found?.[1] ?? settings.lora_alpha;
  return typeof alpha === "number" ? alpha : undefined;
}
