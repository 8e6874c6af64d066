import type { ImageSize, PipelineComponents } from "seedbed";

/** Side of the pictures that the model makes. */
export function pictureSide({ unet, vae }: PipelineComponents): number {
  const { sample_size: latentSide } = unet.config;
  return (typeof latentSide === "number" ? latentSide : 64) * vae.model.factor;
}

/**
 * Pixels that a picture's sides must be multiples of: those under one position of the UNet's
 * smallest level. 64 for Stable Diffusion.
 */
export function sideStep({ unet, vae }: PipelineComponents): number {
  return vae.model.factor * 2 ** (unet.model.config.block_out_channels.length - 1);
}

/**
 * Sizes of about the area of a square: for each width from half the side to twice, in steps, the
 * largest height that does not exceed the area. For 512 and 64 these are the resolutions of
 * Kohya's scripts.
 *
 * Source: NovelAI 2022, "Improvements on Stable Diffusion", aspect ratio bucketing.
 *
 * @param side of the square, in pixels
 */
export function bucketSizes(side: number, step: number): ImageSize[] {
  const whole = (length: number): number => Math.floor(length / step) * step;
  const sizes = new Map<string, ImageSize>();
  const add = (width: number, height: number): void => {
    sizes.set(`${width}x${height}`, { width, height });
  };
  add(whole(side), whole(side));
  for (let width = whole(side / 2); width <= 2 * side; width += step) {
    const height = Math.min(whole(2 * side), whole((side * side) / width));
    if (height < whole(side / 2)) continue;
    add(width, height);
    add(height, width);
  }
  return [...sizes.values()].toSorted((a, b) => a.width - b.width || a.height - b.height);
}

/** The size whose ratio of sides is nearest, by how often one goes into the other. */
export function nearestBucket(sizes: readonly ImageSize[], image: ImageSize): ImageSize {
  const ratio = ({ width, height }: ImageSize): number => Math.log(width / height);
  const distance = (size: ImageSize): number => Math.abs(ratio(size) - ratio(image));
  return sizes.reduce((best, size) => (distance(size) < distance(best) ? size : best));
}

/** The size in which a picture of the subject is trained on. */
export function sizeChooser(
  components: PipelineComponents,
  buckets: boolean,
): (image: ImageSize) => ImageSize {
  const side = pictureSide(components);
  if (!buckets) return () => ({ width: side, height: side });
  const sizes = bucketSizes(side, sideStep(components));
  return (image) => nearestBucket(sizes, image);
}
