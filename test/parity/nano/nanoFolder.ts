import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { Golden } from "../fixtureSet.ts";

/** The project's copy of the fixtures. */
export const bundledNanoFixtures: string = path.resolve(import.meta.dirname, "../../fixtures/nano");

/** A folder with files of a model or a part of one, and what the published libraries made of them. */
export class NanoFolder {
  readonly folder: string;
  readonly #goldens = new Map<string, Golden>();

  constructor(folder: string) {
    this.folder = folder;
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  has(file: string): boolean {
    return existsSync(this.path(file));
  }

  /** Content of a JSON file. */
  json<Content = Readonly<Record<string, unknown>>>(file: string): Content {
    return JSON.parse(readFileSync(this.path(file), "utf8"));
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

  /** Names of the golden files that tests have opened. */
  get opened(): string[] {
    return [...this.#goldens.keys()];
  }
}

/** What we read of a model's `golden.json`; other folders have keys of their own. */
export interface Recorded {
  readonly [key: string]: unknown;
  readonly loss?: number;
  readonly loss_masked?: number;
  readonly incremental?: { readonly chunks: readonly number[] };
  readonly train_const?: RecordedTraining;
  readonly train_warmup_cosine?: RecordedTraining;
}

/** Steps of AdamW on given batches, gradients clipped to a norm. */
export interface RecordedTraining {
  readonly lr: readonly number[];
  readonly betas: [number, number];
  readonly eps: number;
  readonly weight_decay: number;
  readonly clip_grad_norm: number;
  readonly loss: readonly number[];
  readonly grad_norm_before_clip: readonly number[];
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
