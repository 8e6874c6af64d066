/** Where texts and pictures come from. */
export type NanoSource =
  | "speeches"
  | "dictionary"
  | "words"
  | "countries"
  | "rules"
  | "tools"
  | "drawn"
  | "emoji"
  | "invented"
  | "echoes";

export const nanoSources: readonly NanoSource[] = [
  ...(["speeches", "dictionary", "words", "countries"] as const),
  ...(["rules", "tools", "drawn", "emoji", "invented", "echoes"] as const),
];

export interface NanoDataOptions {
  /** Of everything that is drawn. Default 0. */
  seed?: number;
  /** 1 is all; at 0.01 a set is built in seconds. Default 1. */
  scale?: number;
  /** Which sources to use, in the order of `nanoSources`. Default: all. */
  sources?: readonly NanoSource[];
  /** Entries of the tokenizer's vocabulary, unless one is given. Default 4096. */
  vocabularySize?: number;
  /** Folder of the tokenizer to encode with; null: one that learns from the texts. Default null. */
  tokenizer?: string | null;
  /** Longest sequence that the model takes, for the tokenizer's settings. Default 1024. */
  maxLength?: number;
  /** Where built data are kept. Default `.cache/seedbed/nano`. */
  cacheFolder?: string;
}

export type NanoSettings = Required<Omit<NanoDataOptions, "cacheFolder">>;

/** @throws {RangeError} when the scale is none */
export function withDefaults(options: NanoDataOptions): NanoSettings {
  const { seed = 0, scale = 1, sources = nanoSources } = options;
  const { vocabularySize = 4096, maxLength = 1024, tokenizer = null } = options;
  const settings = { seed, scale, sources, vocabularySize, maxLength, tokenizer };
  if (scale > 0 && scale <= 1) return settings;
  throw new RangeError(`Cannot build nano's data: scale must be in (0, 1], got ${scale}`);
}
