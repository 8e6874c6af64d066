/**
 * @file Writes `centres.safetensors`, the mean features of 150 drawings on white:
 * `npx tsx experiments/dreambooth/evaluator/makeCentres.ts`. Needs the development packages.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import { compositeOn, decodeImage, resizeImage, writeSafetensors, type RgbImage } from "seedbed";

import { featureCentre } from "./features.ts";
import { hogAndColours } from "./hogFeatures.ts";
import { startMobileNet } from "./mobileNet.ts";

const styles = ["emojione", "fluent-emoji-flat", "fxemoji", "noto", "noto-v1", "twemoji"];
const perStyle = 25;
const pixels = 64;

interface IconSet {
  icons: Readonly<Record<string, { body: string; width?: number; height?: number }>>;
  width?: number;
  height?: number;
}

/** Drawings of one style at equal distances in the order of their names, flags left out. */
async function drawings(style: string): Promise<RgbImage[]> {
  const set: IconSet = createRequire(import.meta.url)(`@iconify-json/${style}/icons.json`);
  const names = Object.keys(set.icons)
    .filter((name) => !name.includes("flag"))
    .toSorted();
  const chosen = Array.from(
    { length: perStyle },
    (_, i) => names[Math.floor(((i + 0.5) * names.length) / perStyle)]!,
  );
  const images: RgbImage[] = [];
  for (const name of chosen) {
    const { body, width = set.width ?? 16, height = set.height ?? 16 } = set.icons[name]!;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="256" height="256" viewBox="0 0 ${width} ${height}">${body}</svg>`;
    const image = await resizeImage(await decodeImage(Buffer.from(svg), name), pixels, pixels);
    images.push(compositeOn(image, [255, 255, 255]));
  }
  return images;
}

const images: RgbImage[] = [];
for (const style of styles) images.push(...(await drawings(style)));
const mobileNet = await startMobileNet();
const centres = [];
for (const extractor of [mobileNet, hogAndColours]) {
  const values = await featureCentre(extractor, images);
  centres.push([extractor.name, { shape: [values.length], values }] as const);
}
await mobileNet.close();
const file = fileURLToPath(new URL("./centres.safetensors", import.meta.url));
writeSafetensors(file, centres, {
  metadata: { drawings: String(images.length), background: "white" },
});
console.log(`${file}: mean features of ${images.length} drawings`);
