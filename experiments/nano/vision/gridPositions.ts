import { hostTensor, type HostTensor } from "seedbed";

/** Longest wave over the shortest, both along a side. */
const wavelengthRatio = 100;

/**
 * What a new tower's patches know of their places: sines and cosines of row and column, whose waves
 * become longer from feature to feature.
 *
 * Source: Beyer et al. 2022, arXiv:2205.01580, section 2 ("sincos2d"), smaller by a factor, as patches'
 * own features are at first.
 *
 * @param side patches along it
 * @param features a multiple of 4
 * @param amplitude of all waves
 * @returns `[side * side, features]`, row by row
 */
export function gridPositions(
  side: number,
  features: number,
  amplitude: number,
): HostTensor & { readonly values: Float32Array } {
  const waves = features / 4;
  if (!Number.isInteger(waves)) {
    throw new RangeError(
      `Cannot place patches: expected a number of features that 4 divides, got ${features}`,
    );
  }
  const values = new Float32Array(side * side * features);
  for (let patch = 0; patch < side * side; patch++) {
    const [row, column] = [Math.floor(patch / side), patch % side];
    for (let wave = 0; wave < waves; wave++) {
      const frequency = wavelengthRatio ** (-wave / waves);
      const angles = [column, row].map((place) => place * frequency);
      for (const [i, angle] of angles.entries()) {
        const at = patch * features + 2 * i * waves + wave;
        values[at] = amplitude * Math.sin(angle);
        values[at + waves] = amplitude * Math.cos(angle);
      }
    }
  }
  return { ...hostTensor(values, [side * side, features]), values };
}
