/** Steps from what a dataset reads to an example. */
export { centerCrop } from "./centerCrop.ts";
export { colorJitter, type ColorJitterOptions } from "./colorJitter.ts";
export { compose } from "./compose.ts";
export type { ImageSize } from "./imageSize.ts";
export { normalize, type NormalizeOptions } from "./normalize.ts";
export { randomAffine } from "./randomAffine.ts";
export { randomCrop } from "./randomCrop.ts";
export { randomHorizontalFlip } from "./randomHorizontalFlip.ts";
export { randomTokenWindow } from "./randomTokenWindow.ts";
export { resize } from "./resize.ts";
export { tokenize } from "./tokenize.ts";
