import { loadTokenizer, readSections, type Experiment, type ExperimentSpec } from "seedbed";

import { mixedSources, type Mixture } from "../data/mixture.ts";
import { nanoSources, type NanoSource } from "../data/nanoSettings.ts";
import { count, folder } from "./fields.ts";

/** What data are built; equal settings give equal tokens. */
export interface BuiltDataSettings {
  seed: number;
  scale: number;
  sources: NanoSource[];
  vocabularySize: number;
  tokenizer: string | null;
}

export interface DataSettings extends BuiltDataSettings {
  set: "prose" | "chat";
  length: number;
  batchSize: number;
  mixture: Mixture;
}

export const builtData: object = {
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
  tokenizer: {
    ...folder,
    description:
      "A folder whose tokenizer texts are encoded with, in place of one of vocabularySize entries that learns from them.",
  },
};

export const mixture: object = {
  type: "object",
  description:
    "How often training has each document of a source in one pass; 1 where a source is not named.",
  propertyNames: { enum: mixedSources },
  additionalProperties: { type: "number", minimum: 0, maximum: 1000 },
  default: {},
};

export const data: object = {
  type: "object",
  description: "What is learnt: experiments/nano/README.md.",
  default: {},
  properties: {
    ...builtData,
    set: {
      enum: ["prose", "chat"],
      default: "chat",
      description: "Texts to be continued, or dialogues of which the assistant's turns are learnt.",
    },
    length: { ...count, default: 256, description: "Tokens in a row." },
    batchSize: { ...count, default: 16, description: "Rows." },
    mixture,
  },
};

/** How documents become rows: of longer texts the rests are read too, of dialogues the beginning. */
export const packingOf = ({
  set,
  length,
}: Pick<DataSettings, "set" | "length">): { length: number; rests: boolean } => ({
  length,
  rests: set === "prose",
});

/** A spec's settings; the vocabulary's size is that of the tokenizer where one is given. */
export function readDataSettings<Settings extends { data: BuiltDataSettings }>(
  spec: ExperimentSpec,
  sections: Experiment["sections"],
): Settings {
  const settings = readSections<Settings>(spec, sections);
  const { tokenizer } = settings.data;
  if (tokenizer === null) return settings;
  const { vocabularySize } = loadTokenizer(tokenizer);
  return { ...settings, data: { ...settings.data, vocabularySize } };
}
