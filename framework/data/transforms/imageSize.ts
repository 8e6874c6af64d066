/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A single number is the side of a square. */
export function asImageSize(size: number | ImageSize): ImageSize {
  return typeof size === "number" ? { width: size, height: size } : size;
}
