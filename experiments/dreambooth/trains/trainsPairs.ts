import type { IncompatiblePair } from "../incompatiblePair.ts";
import type { DreamboothSettings } from "../settings.ts";

type Model = DreamboothSettings["model"];

const isList = (layers: unknown): boolean => Array.isArray(layers);

/** Without a trained text encoder nothing of these is left to do. */
const trainsNothingElse = ({ trains, inversion }: Model): boolean =>
  !trains.unet && !trains.vae && inversion === null;

/** Pairs of options that say who learns. */
export const trainsPairs: readonly IncompatiblePair[] = [
  {
    keys: ["model.trains.unet", "model.trains.textEncoder"],
    when: ({ model }) => !model.trains.textEncoder && trainsNothingElse(model),
    problem:
      "both are false, and at least one of unet and textEncoder must learn, or a token of model.inversion",
  },
  {
    keys: ["model.trains.textEncoderUntil", "model.trains.textEncoder"],
    when: ({ model }) => model.trains.textEncoderUntil !== null && !model.trains.textEncoder,
    problem: "the text encoder is frozen from the start; leave textEncoderUntil out",
  },
  {
    keys: ["model.trains.textEncoderUntil", "model.trains.unet"],
    when: ({ model }) => model.trains.textEncoderUntil !== null && trainsNothingElse(model),
    problem: "with a frozen UNet nothing would learn once the text encoder stops",
  },
  {
    keys: ["model.lora", "model.trains.unet"],
    when: ({ model }) => model.lora !== null && isList(model.trains.unet),
    problem: "LoRA leaves layers' own weights alone; name its layers in model.lora.targets.unet",
  },
  {
    keys: ["model.lora", "model.trains.textEncoder"],
    when: ({ model }) => model.lora !== null && isList(model.trains.textEncoder),
    problem:
      "LoRA leaves layers' own weights alone; name its layers in model.lora.targets.textEncoder",
  },
  {
    keys: ["model.lora", "model.trains"],
    when: ({ model: { lora, trains } }) => lora !== null && !trains.unet && !trains.textEncoder,
    problem: "unet and textEncoder are false, so LoRA has no part to change",
  },
  {
    keys: ["model.inversion.token", "data.instance.prompt"],
    when: ({ model: { inversion }, data }) =>
      inversion !== null &&
      !data.subjects.some(({ instance: { prompts, captions } }) =>
        captions === null ? prompts.some((prompt) => prompt.includes(inversion.token)) : true,
      ),
    problem: "the prompt lacks the token, so no vector would learn",
  },
  {
    keys: ["model.inversion", "data.cache.textEmbeddings"],
    when: ({ model, data }) => model.inversion !== null && data.cache.textEmbeddings !== "none",
    problem:
      "what prompts mean changes with the token's vectors; set data.cache.textEmbeddings to none",
  },
  {
    keys: ["model.trains.vae", "data.cache.latents"],
    when: ({ model, data }) => model.trains.vae && data.cache.latents !== "none",
    problem:
      "latents of an autoencoder that learns change with every step; set data.cache.latents to none",
  },
  {
    keys: ["model.trains.vae", "data.cache.posterior"],
    when: ({ model, data }) => model.trains.vae && data.cache.posterior !== "mean",
    problem: "an autoencoder that learns gives the means; set data.cache.posterior to mean",
  },
  {
    keys: ["model.trains.vae", "model.lora"],
    when: ({ model }) => model.trains.vae && model.lora !== null,
    problem:
      "changes of low rank fit the autoencoder that they were trained with; train one of them",
  },
  {
    keys: ["model.learningRates.unet", "model.trains.unet"],
    when: ({ model }) => model.learningRates.unet !== null && !model.trains.unet,
    problem: "the UNet is frozen; leave its learning rate out",
  },
  {
    keys: ["model.learningRates.textEncoder", "model.trains.textEncoder"],
    when: ({ model }) => model.learningRates.textEncoder !== null && !model.trains.textEncoder,
    problem: "the text encoder is frozen; leave its learning rate out",
  },
  {
    keys: ["model.learningRates.vae", "model.trains.vae"],
    when: ({ model }) => model.learningRates.vae !== null && !model.trains.vae,
    problem: "the autoencoder is frozen; leave its learning rate out",
  },
  {
    keys: ["model.learningRates.tokens", "model.inversion"],
    when: ({ model }) => model.learningRates.tokens !== null && model.inversion === null,
    problem: "no token is learnt; leave its learning rate out",
  },
  {
    keys: ["model.learningRates", "optimizer.groups"],
    when: ({ model }, { optimizer }) =>
      Object.values(model.learningRates).some((rate) => rate !== null) &&
      isList(optimizer?.["groups"]),
    problem: "both form groups of parameters; give the rates in optimizer.groups alone",
  },
];
