import { expect } from "chai";

import type { NanoFolder } from "./nanoFolder.ts";

/** The beginning that a continuation and the first text share. */
export function promptOf(folder: NanoFolder, continued: readonly number[]): number[] {
  const { shape, values } = folder.golden().host("input_ids");
  const text = [...values.slice(0, shape[1]!)];
  const length = continued.findIndex((id, i) => id !== text[i]);
  expect(length, "length of the prompt").to.be.above(0);
  return text.slice(0, length);
}
