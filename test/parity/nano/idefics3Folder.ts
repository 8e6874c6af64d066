import type { Idefics3 } from "../../../framework/models/idefics3.ts";
import { loadIdefics3 } from "../../../framework/pipelines/loadIdefics3.ts";
import type { NanoFolder } from "./nanoFolder.ts";

/** Whether the folder holds a language model that sees pictures, with golden arrays. */
export function isIdefics3Folder(folder: NanoFolder): boolean {
  return (
    folder.has("config.json") &&
    folder.has("golden.safetensors") &&
    "vision_config" in folder.json("config.json")
  );
}

/** Lets a function use a folder's model, which is freed after it. */
export async function withIdefics3(
  { folder }: NanoFolder,
  use: (model: Idefics3) => Promise<void>,
): Promise<void> {
  const model = loadIdefics3(folder);
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}
