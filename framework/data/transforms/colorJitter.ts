import { adjustColors, type ColorStep } from "../adjustColors.ts";
import type { ImageToImage } from "./transform.ts";

/** How far each may be off, to either side; 0, the default, leaves it alone. */
export interface ColorJitterOptions {
  /** Of the factor 1. */
  brightness?: number;
  /** Of the factor 1. */
  contrast?: number;
  /** Of the factor 1. */
  saturation?: number;
  /** Of the colour circle, in [0, 0.5]. */
  hue?: number;
}

const kinds = ["brightness", "contrast", "saturation", "hue"] as const;

/**
 * Changes brightness, contrast, saturation and hue, each by an amount of its own, in random order.
 * Source: torchvision's ColorJitter.
 */
export function colorJitter(options: ColorJitterOptions): ImageToImage {
  for (const kind of kinds) checkRange(kind, options[kind] ?? 0);
  return (image, random) => {
    const drawn = kinds.map((kind): ColorStep => {
      const offset = (options[kind] ?? 0) * (2 * random.uniform() - 1);
      return { kind, amount: kind === "hue" ? offset : Math.max(0, 1 + offset) };
    });
    const steps = Array.from(random.permutation(kinds.length), (i) => drawn[i]!);
    return adjustColors(
      image,
      steps.filter(({ kind }) => options[kind]),
    );
  };
}

function checkRange(kind: (typeof kinds)[number], range: number): void {
  const largest = kind === "hue" ? 0.5 : Infinity;
  if (range >= 0 && range <= largest) return;
  throw new RangeError(
    `Cannot jitter colours: ${kind} must be in [0, ${largest}${kind === "hue" ? "]" : ")"}, got ${range}`,
  );
}
