import { loadPipeline } from "../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../framework/pipelines/pipelineComponents.ts";
import type { FixtureSet } from "./fixtureSet.ts";

/** Lets a function use a model, which is freed after it. */
export async function withModel<Model extends { dispose(): void }>(
  { model }: { readonly model: Model },
  use: (model: Model) => Promise<void>,
): Promise<void> {
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}

/** Lets a function use a set's whole pipeline, which is freed after it. */
export async function withPipeline(
  set: FixtureSet,
  use: (components: PipelineComponents) => Promise<void>,
): Promise<void> {
  const components = loadPipeline(set.folder);
  try {
    await use(components);
  } finally {
    disposePipeline(components);
  }
}
