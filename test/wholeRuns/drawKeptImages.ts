/** @file Draws class images with a tiny pipeline and tells which seeds; a process to be killed. */
import { keptImages } from "../../experiments/dreambooth/keptImages.ts";
import { useBackend } from "../../framework/backend/register.ts";
import { withSampler } from "../../framework/diffusion/schedulerConfig.ts";
import { loadPipeline } from "../../framework/pipelines/loadPipeline.ts";
import { textToImage } from "../../framework/pipelines/textToImage.ts";

const [cacheFolder = "", batchSize] = process.argv.slice(2);
const { compile } = await useBackend("ort", { threads: 1 });
const components = loadPipeline("test/fixtures/stable-diffusion/tiny-sd-a");
const scheduler = withSampler(components.scheduler, "DDIMScheduler");
const generator = textToImage({ ...components, scheduler }, compile);
await keptImages({
  generator: {
    async generate(request) {
      console.log(JSON.stringify(request.seeds));
      return generator.generate(request);
    },
  },
  modelHash: "tiny",
  scheduler,
  size: 16,
  prompt: "a cat",
  count: 10,
  seed: 100,
  steps: 3,
  guidanceScale: 2,
  eta: 1,
  batchSize: Number(batchSize),
  cacheFolder,
  signal: new AbortController().signal,
  onProgress() {},
});
process.exit();
