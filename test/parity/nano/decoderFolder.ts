import type { Decoder } from "../../../framework/models/decoder.ts";
import { loadDecoder } from "../../../framework/pipelines/loadDecoder.ts";
import type { NanoFolder } from "./nanoFolder.ts";

/** Whether the folder holds a language model by itself with golden arrays. */
export function isDecoderFolder(folder: NanoFolder): boolean {
  return (
    folder.has("config.json") &&
    folder.has("golden.safetensors") &&
    !("vision_config" in folder.json("config.json"))
  );
}

/** Lets a function use a folder's model, which is freed after it. */
export async function withDecoder(
  { folder }: NanoFolder,
  use: (decoder: Decoder) => Promise<void>,
): Promise<void> {
  const decoder = loadDecoder(folder);
  try {
    await use(decoder);
  } finally {
    decoder.dispose();
  }
}
