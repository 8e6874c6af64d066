import * as tf from "@tensorflow/tfjs";
import {
  imageGrid,
  imagesToTensor,
  tensorToImages,
  toTensor,
  type AutoencoderKl,
  type Compile,
  type RgbImage,
} from "seedbed";

import type { SubjectCopy } from "../subjectCopies.ts";
import { enlargedBelow } from "./promptGrid.ts";

/** Columns of the grid. */
const shown = 8;

/**
 * Training pictures, what the autoencoder makes of them (the mean of what it encodes, decoded), and
 * over each its prompt. Pictures are taken in even steps from all that are as large as the first.
 */
export async function reconstructionGrid(
  autoencoder: AutoencoderKl,
  copies: readonly SubjectCopy[],
  compile: Compile,
): Promise<RgbImage & { caption: string }> {
  const chosen = pick(copies);
  const inputs: RgbImage[] = [];
  for (const { picture } of chosen) inputs.push(await picture());
  const reconstruct = compile(({ images }: { images: tf.Tensor }) => ({
    images: autoencoder.decode(autoencoder.encode(images).mean).clipByValue(-1, 1),
  }));
  const made: RgbImage[] = [];
  try {
    for (const input of inputs) made.push(await throughTensor(input, reconstruct));
  } finally {
    reconstruct.dispose();
  }
  const grid = imageGrid([inputs, made], {
    rowLabels: ["inputs", "reconstructions"],
    columnLabels: chosen.map(({ prompts }) => prompts[0]!),
    upscale: inputs[0]!.width < enlargedBelow ? 2 : 1,
  });
  return { ...grid, caption: chosen.map(({ prompts }) => prompts[0]!).join("; ") };
}

async function throughTensor(
  input: RgbImage,
  reconstruct: (inputs: { images: tf.Tensor }) => Promise<{ images: tf.Tensor }>,
): Promise<RgbImage> {
  const before = toTensor(imagesToTensor([input]));
  const { images } = await reconstruct({ images: before });
  const [picture] = tensorToImages({
    shape: images.shape,
    values: await images.data<"float32">(),
  });
  tf.dispose([before, images]);
  return picture!;
}

function pick(copies: readonly SubjectCopy[]): SubjectCopy[] {
  const { width, height } = copies[0]!.size;
  const alike = copies.filter(({ size }) => size.width === width && size.height === height);
  const count = Math.min(shown, alike.length);
  return Array.from({ length: count }, (_, i) => alike[Math.floor((i * alike.length) / count)]!);
}
