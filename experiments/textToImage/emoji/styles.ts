/** One hand that drew many emoji, and the word captions use for it. */
export interface Style {
  readonly word: StyleWord;
  readonly package: string;
  /** Licence of the drawings as SPDX names it. NOTICE has the credits. */
  readonly licence: "MIT" | "Apache-2.0" | "CC-BY-4.0";
}

export type StyleWord = "3d" | "flat" | "noto" | "blob" | "twemoji" | "emojione" | "fx";

export const styles: readonly Style[] = [
  { word: "3d", package: "@lobehub/fluent-emoji-3d", licence: "MIT" },
  { word: "flat", package: "@iconify-json/fluent-emoji-flat", licence: "MIT" },
  { word: "noto", package: "@iconify-json/noto", licence: "Apache-2.0" },
  { word: "blob", package: "@iconify-json/noto-v1", licence: "Apache-2.0" },
  { word: "twemoji", package: "@iconify-json/twemoji", licence: "CC-BY-4.0" },
  { word: "emojione", package: "@iconify-json/emojione", licence: "CC-BY-4.0" },
  { word: "fx", package: "@iconify-json/fxemoji", licence: "CC-BY-4.0" },
];
