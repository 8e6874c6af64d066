import { cropSquare, readImages, resizeImage, type RgbaImage } from "seedbed";

/** The subject's pictures in the size of samples, for `evaluateSubject`. */
export interface SubjectPictures {
  readonly instances: readonly RgbaImage[];
  /** Empty without a folder: then nothing says what a perfect model would reach. */
  readonly references: readonly RgbaImage[];
}

/** @param referenceFolder further pictures, never trained on */
export async function subjectPictures(
  subjects: readonly { image: RgbaImage }[],
  referenceFolder: string | null,
  size: number,
): Promise<SubjectPictures> {
  const fit = (images: readonly { image: RgbaImage }[]): Promise<RgbaImage[]> =>
    Promise.all(images.map(({ image }) => resizeImage(cropSquare(image), size, size)));
  const references = referenceFolder === null ? [] : await readImages(referenceFolder);
  return { instances: await fit(subjects), references: await fit(references) };
}
