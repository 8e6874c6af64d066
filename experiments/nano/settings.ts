import {
  divergenceNames,
  readSections,
  type DistillationOptions,
  type DivergenceName,
  type Experiment,
  type ExperimentSpec,
} from "seedbed";

import { nanoSources, type NanoSource } from "./data/buildNanoData.ts";

/** Sizes of a model that begins from nothing. */
export interface ModelSizes {
  features: number;
  feedForward: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
}

export interface NanoTrainingSettings {
  data: {
    seed: number;
    scale: number;
    sources: NanoSource[];
    vocabularySize: number;
    set: "prose" | "chat";
    length: number;
    batchSize: number;
  };
  model: ModelSizes & { folder: string | null };
  distillation: Required<Omit<DistillationOptions, "ignoreIndex" | "divergence">> & {
    teacher: string | null;
    divergence: DivergenceName;
  };
  sampling: { questions: string[]; length: number };
}

const count = { type: "integer", minimum: 1 } as const;
const share = { type: "number", minimum: 0, maximum: 1 } as const;
const folder = { type: ["string", "null"], minLength: 1, default: null } as const;

export const sections: Experiment["sections"] = {
  data: {
    type: "object",
    description: "What is learnt: experiments/nano/README.md.",
    default: {},
    properties: {
      seed: { type: "integer", minimum: 0, default: 0, description: "Of what is drawn." },
      scale: {
        type: "number",
        exclusiveMinimum: 0,
        maximum: 1,
        default: 1,
        description: "Share of all data.",
      },
      sources: {
        type: "array",
        items: { enum: nanoSources },
        minItems: 1,
        default: nanoSources,
        description: "Where texts come from.",
      },
      vocabularySize: { type: "integer", minimum: 300, default: 4096 },
      set: {
        enum: ["prose", "chat"],
        default: "chat",
        description:
          "Texts to be continued, or dialogues of which the assistant's turns are learnt.",
      },
      length: { ...count, default: 256, description: "Tokens in a row." },
      batchSize: { ...count, default: 16, description: "Rows." },
    },
  },
  model: {
    type: "object",
    description: "The language model, of Llama's form.",
    default: {},
    properties: {
      folder: {
        ...folder,
        description: "A model to go on with; the sizes are then its own.",
      },
      features: { ...count, default: 192 },
      feedForward: { ...count, default: 512 },
      layers: { ...count, default: 6 },
      heads: { ...count, default: 6 },
      keyValueHeads: { ...count, default: 2 },
    },
  },
  distillation: {
    type: "object",
    description: "Learning from another model, beside the labels.",
    default: {},
    properties: {
      teacher: {
        ...folder,
        description: "A larger model with the same tokens; null: labels alone.",
      },
      divergence: { enum: divergenceNames, default: "forwardKl" },
      temperature: { type: "number", exclusiveMinimum: 0, default: 2 },
      teacherWeight: {
        ...share,
        default: 0.7,
        description: "Share of the divergence in the loss.",
      },
      beta: {
        type: "number",
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.5,
        description: "The teacher's share in the mixture of generalisedJensenShannon.",
      },
    },
  },
  sampling: {
    type: "object",
    description: "What the model says at the end.",
    default: {},
    properties: {
      questions: {
        type: "array",
        items: { type: "string", minLength: 1 },
        default: [
          "What is a heron?",
          "What is the capital of Norway?",
          "Which is larger, 31 or 13?",
        ],
      },
      length: { ...count, default: 48, description: "Most tokens of an answer." },
    },
  },
};

export const settingsOf = (spec: ExperimentSpec): NanoTrainingSettings =>
  readSections(spec, sections);
