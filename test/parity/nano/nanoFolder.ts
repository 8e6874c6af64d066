import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { Golden } from "../fixtureSet.ts";
import { WatchedJson } from "./watchedJson.ts";

/** The project's copy of the fixtures. */
export const bundledNanoFixtures: string = path.resolve(import.meta.dirname, "../../fixtures/nano");

/** Says what the others are; nothing in it can be compared. */
const readme = "README.md";

/**
 * A folder with files of a model or a part of one, and what the published libraries made of them.
 * Remembers what has been read of each file since the tests began.
 */
export class NanoFolder {
  readonly folder: string;
  readonly #goldens = new Map<string, Golden>();
  readonly #texts = new Map<string, WatchedJson>();
  readonly #whole = new Set<string>();
  #isTested = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  has(file: string): boolean {
    return existsSync(this.path(file));
  }

  /** Names of its files that a test is to read. */
  get files(): string[] {
    return this.#names((isFolder) => !isFolder).filter((name) => name !== readme);
  }

  /** Whether there are only other folders in it. */
  get isParent(): boolean {
    return this.files.length === 0 && this.#names((isFolder) => isFolder).length > 0;
  }

  #names(isWanted: (isFolder: boolean) => boolean): string[] {
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => isWanted(entry.isDirectory()))
      .map(({ name }) => name)
      .toSorted();
  }

  /** Place of a file that is read as a whole. */
  file(name: string): string {
    this.#whole.add(name);
    return this.path(name);
  }

  /** Content of a file that is read as a whole. */
  text(name: string): string {
    return readFileSync(this.file(name), "utf8");
  }

  /** Content of a JSON file, of which each value counts that is read in a test. */
  json<Content = Readonly<Record<string, unknown>>>(file: string): Content {
    return this.watch(file, () => readFileSync(this.path(file), "utf8"));
  }

  /** As {@link json}, of a part of a file: `name` is the file's, or begins with it and a `#`. */
  watch<Content>(name: string, textOf: () => string): Content {
    const watched = this.#texts.get(name) ?? new WatchedJson(textOf(), () => this.#isTested);
    this.#texts.set(name, watched);
    return Object(watched.content);
  }

  /** Content of `golden.json`. */
  get recorded(): Recorded {
    return this.json("golden.json");
  }

  /** Arrays of `<name>.safetensors`. */
  golden(name = "golden"): Golden {
    const known = this.#goldens.get(name);
    if (known) return known;
    const golden = new Golden(name, this.path(`${name}.safetensors`));
    this.#goldens.set(name, golden);
    return golden;
  }

  /** From now on what is read counts: before, it may only have made a test's title. */
  beginTests(): void {
    this.#isTested = true;
  }

  /** Files, arrays and values that no test has read. */
  unread(): string[] {
    return this.files
      .filter((file) => !this.#whole.has(file))
      .flatMap((file) => this.#unreadOf(file));
  }

  #unreadOf(file: string): string[] {
    const golden = this.#goldens.get(file.replace(/\.safetensors$/, ""));
    if (golden && file.endsWith(".safetensors")) {
      return golden.unused().map((name) => `${file}: ${name}`);
    }
    const texts = [...this.#texts].filter(([name]) => name.split("#")[0] === file);
    if (texts.length === 0) return [file];
    return texts.flatMap(([name, text]) =>
      text.unread().map((place) => (place === "" ? name : `${name}: ${place}`)),
    );
  }
}

/** What we read of a model's `golden.json`; other folders have keys of their own. */
export interface Recorded {
  readonly [key: string]: unknown;
  readonly loss?: number;
  readonly loss_masked?: number;
  readonly incremental?: {
    readonly chunks: readonly number[];
    readonly max_abs_diff_vs_full: number;
  };
  readonly leftpad?: {
    /** Tokens of padding before the first text. */
    readonly pad: number;
    readonly row0_vs_unpadded_max_abs: number;
  };
  /** Least difference between the best and the second logit while the text goes on. */
  readonly greedy_min_margin?: number;
  readonly train_const?: RecordedTraining;
  readonly train_warmup_cosine?: RecordedTraining;
}

/** Steps of AdamW on given batches, gradients clipped to a norm. */
export interface RecordedTraining {
  readonly optimizer: string;
  readonly lr: readonly number[];
  readonly betas: [number, number];
  readonly eps: number;
  readonly weight_decay: number;
  readonly clip_grad_norm: number;
  readonly loss: readonly number[];
  readonly grad_norm_before_clip: readonly number[];
  /** Null where it was not computed. */
  readonly final_eval_loss_on_batch0: number | null;
  /** 2-norm of all parameters together. */
  readonly param_l2_after: number;
}

/** Every folder under `root`, itself included. */
export function nanoFolders(root: string): NanoFolder[] {
  if (!existsSync(root)) {
    throw new Error(`Cannot check parity: expected a folder with fixtures, got ${root}`);
  }
  const below = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return [root, ...below.toSorted()].map((folder) => new NanoFolder(folder));
}
