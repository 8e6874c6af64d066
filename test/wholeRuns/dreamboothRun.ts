import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

export const repository: string = path.join(import.meta.dirname, "../..");
export const program: string = path.join(repository, "framework/cli/seedbed.js");

export const steps = 8;
/** The whole experiment with a tiny model: class images, training, evaluation. */
export const tinySpec: readonly string[] = [
  "configs/dreambooth.yaml",
  "model.folder=test/fixtures/stable-diffusion/tiny-sd-a",
  "data.class.steps=2",
  "data.batchSize=2",
  "data.variants=2",
  "sampling.steps=2",
  "sampling.samples=2",
  "sampling.prompts=[]",
  `trainer.maxSteps=${steps}`,
  "trainer.valCheckInterval=2",
  "trainer.logEveryNSteps=1",
];

/** The only run below a folder; a path where nothing is, before it has begun. */
export function runFolder(runs: string): string {
  const parent = path.join(runs, "dreambooth");
  const [id = "none"] = existsSync(parent) ? readdirSync(parent) : [];
  return path.join(parent, id);
}
