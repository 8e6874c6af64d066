import type { RgbImage } from "seedbed";

/** Describes images by vectors whose directions can be compared. */
export interface FeatureExtractor {
  /** What made the features; numbers of different extractors cannot be compared. */
  readonly name: string;
  /** Lengths of the vector's parts: each is centred and normalised by itself, and counts alike. */
  readonly parts: readonly number[];
  /** One vector per image, all parts in a row. */
  extract(images: readonly RgbImage[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}
