import type { Command } from "../command.ts";

const options = {
  negative: { type: "string", default: "", describe: "What the pictures shall not show" },
  prompts: { type: "string", describe: "File with a prompt in each line, instead of a prompt" },
  steps: { type: "number", default: 30, describe: "Steps of the sampler" },
  guidance: {
    type: "number",
    default: 7.5,
    describe: "How much the prompt counts; 1 is no guidance, at half the cost",
  },
  "guidance-rescale": {
    type: "number",
    default: 0,
    describe: "From 0 to 1: against the overexposure of strong guidance",
  },
  sampler: { type: "string", describe: "Such as ddim, euler-a or dpm++-2m-karras [the model's]" },
  eta: { type: "number", default: 0, describe: "For ddim: from 0, no fresh noise, to 1" },
  seed: {
    type: "number",
    default: 0,
    describe: "Of a prompt's first picture; the next has seed + 1",
  },
  count: { type: "number", default: 1, describe: "Pictures of each prompt" },
  batch: { type: "number", default: 1, describe: "Pictures that are computed together" },
  size: {
    type: "string",
    describe: "SIDE or WIDTHxHEIGHT in pixels [what the model was trained for]",
  },
  "clip-skip": {
    type: "number",
    default: 1,
    describe: "Which of the text encoder's layers is used, from the end",
  },
  "init-image": { type: "string", describe: "Picture to start from; it is cropped and resized" },
  strength: {
    type: "number",
    describe: "Above 0, at most 1: how much it may change [0.8, with a mask 1]",
  },
  mask: { type: "string", describe: "Picture, white where the first one is painted anew" },
  lora: {
    type: "string",
    array: true,
    nargs: 1,
    default: [],
    describe: "FILE or FILE:SCALE; may be given several times",
  },
  embedding: {
    type: "string",
    array: true,
    nargs: 1,
    default: [],
    describe: "Learned tokens: FILE, or TOKEN=FILE for one without a name; several times",
  },
  tile: {
    type: "number",
    describe: "Side in pixels of the tiles in which larger pictures are decoded",
  },
  settings: {
    type: "string",
    describe: "Pipeline folder with the tokenizer for a model that is one file",
  },
  variant: { type: "string", describe: "Which of several published weights, such as fp16" },
  backend: {
    choices: ["ort", "webgpu", "tensorflow", "cpu"],
    default: "ort",
    describe: "What computes",
  },
  out: { type: "string", default: "samples", describe: "Folder, or for one picture a .png file" },
} as const;

/** `seedbed sample MODEL "prompt"` */
export const sample: Command = (program, context) => {
  program.command(
    "sample <model> [prompt]",
    "Make pictures with a text-to-image model",
    (args) =>
      args
        .positional("model", {
          type: "string",
          demandOption: true,
          describe: "Folder in diffusers' layout, a .safetensors or .ckpt, or hf:owner/name",
        })
        .positional("prompt", {
          type: "string",
          describe: "What the pictures show; (word:1.3) counts 1.3 times",
        })
        .options(options),
    async (args) => {
      const { readSampleSettings } = await import("../sampling/sampleSettings.ts");
      const settings = readSampleSettings(args);
      const { samplePictures } = await import("../sampling/samplePictures.ts");
      await samplePictures(settings, context);
    },
  );
};
