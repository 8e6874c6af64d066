import { fileURLToPath } from "node:url";

import { readSafetensors, type RgbImage } from "seedbed";

import type { FeatureExtractor } from "./featureExtractor.ts";
import { hogAndColours } from "./hogFeatures.ts";
import { startMobileNet } from "./mobileNet.ts";

/** An extractor with the mean feature of many images, which is taken off before comparing. */
export interface Features {
  readonly extractor: FeatureExtractor;
  readonly centre: Float32Array;
}

/**
 * The best features to be had: a trained network where its packages are installed, else gradient
 * and colour histograms. The caller closes the extractor.
 *
 * @param onFallback told why the network is not used
 * @param start starts the network
 */
export async function loadFeatures(
  onFallback: (reason: string) => void,
  start: () => Promise<FeatureExtractor> = startMobileNet,
): Promise<Features> {
  try {
    return withCentre(await start());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onFallback(`${reason}; using histograms of gradients and colours`);
    return withCentre(hogAndColours);
  }
}

/** Features that describe each image once, for as long as somebody holds the image. */
export function rememberVectors({ extractor, centre }: Features): Features {
  const known = new WeakMap<RgbImage, Float32Array>();
  return {
    centre,
    extractor: {
      ...extractor,
      async extract(images) {
        const unknown = images.filter((image) => !known.has(image));
        const vectors = unknown.length > 0 ? await extractor.extract(unknown) : [];
        unknown.forEach((image, i) => known.set(image, vectors[i]!));
        return images.map((image) => known.get(image)!);
      },
    },
  };
}

/**
 * An extractor with its committed centre: the mean over 150 drawings on white, made by
 * `makeCentres.ts`.
 */
export function withCentre(extractor: FeatureExtractor): Features {
  const file = fileURLToPath(new URL("./centres.safetensors", import.meta.url));
  const centre = readSafetensors(file).get(extractor.name)?.values;
  if (!(centre instanceof Float32Array)) {
    throw new RangeError(`Cannot use features "${extractor.name}": ${file} has no centre for them`);
  }
  return { extractor, centre };
}

/** The mean feature of images. */
export async function featureCentre(
  extractor: FeatureExtractor,
  images: readonly RgbImage[],
): Promise<Float32Array> {
  const vectors = await extractor.extract(images);
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) vector.forEach((value, i) => (sum[i]! += value));
  return Float32Array.from(sum, (value) => value / vectors.length);
}

/** Vectors whose dot product is the mean cosine of the centred parts. */
export async function embed(
  { extractor, centre }: Features,
  images: readonly RgbImage[],
): Promise<Float64Array[]> {
  const vectors = await extractor.extract(images);
  return vectors.map((vector) => {
    const centred = Float64Array.from(vector, (value, i) => value - centre[i]!);
    let start = 0;
    for (const length of extractor.parts) {
      normalise(centred.subarray(start, start + length), 1 / Math.sqrt(extractor.parts.length));
      start += length;
    }
    return centred;
  });
}

function normalise(part: Float64Array, norm: number): void {
  const length = Math.sqrt(dot(part, part));
  if (length === 0) return;
  part.forEach((value, i) => (part[i] = (value * norm) / length));
}

/** Similarity of two embeddings, in [-1, 1]. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
