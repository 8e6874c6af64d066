import type { Rgb } from "seedbed";

/** Colours beside white, in the order that counts draw from. */
export const accentColours = [
  "red",
  "orange",
  "yellow",
  "green",
  "cyan",
  "blue",
  "purple",
  "pink",
  "brown",
  "gray",
] as const;

export type ColourName = "white" | (typeof accentColours)[number];

/** Backgrounds that captions name, in sRGB, far apart from each other and from white. */
export const colours: Readonly<Record<ColourName, Rgb>> = {
  white: [255, 255, 255],
  red: [220, 50, 47],
  orange: [245, 140, 40],
  yellow: [250, 220, 70],
  green: [70, 170, 80],
  cyan: [70, 200, 210],
  blue: [60, 110, 220],
  purple: [140, 80, 190],
  pink: [250, 150, 190],
  brown: [140, 95, 60],
  gray: [140, 140, 140],
};
