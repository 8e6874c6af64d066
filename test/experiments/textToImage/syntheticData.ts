import type { Drawing, EmojiData } from "../../../experiments/textToImage/dataset.ts";
import { rgbaImage } from "../../../framework/data/image.ts";

/** Two concepts, three drawings: black squares of 8 pixels in the middle of 16. */
export function syntheticData(): EmojiData {
  const data = new Uint8Array(16 * 16 * 4);
  for (let y = 4; y < 12; y++) {
    for (let x = 4; x < 12; x++) data[(y * 16 + x) * 4 + 3] = 255;
  }
  const picture = rgbaImage(16, 16, data);
  const drawings = [drawing("1f431", "cat face", "3d"), drawing("1f431", "cat face", "noto")];
  return {
    drawings: [...drawings, drawing("1f34c", "banana", "noto")],
    train: [0, 2],
    validation: [1],
    sourceSize: 16,
    sha256: "0",
    picture: () => picture,
  };
}

function drawing(codepoint: string, name: string, style: Drawing["style"]): Drawing {
  return {
    codepoint,
    name,
    title: name,
    style,
    subgroup: "",
    noun: name === "cat face" ? "cat" : undefined,
    mayFlip: true,
    bounds: { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 },
  };
}
