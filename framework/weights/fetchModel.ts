import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { readClipFolder } from "./clipFolder.ts";
import { readModelFolder } from "./modelFolder.ts";
import { readPipelineFolder, weightsNames } from "./pipelineFolder.ts";
import { shardsOf } from "./shardedSafetensors.ts";
import { chooseWeights } from "./weightFiles.ts";

export interface FetchModelOptions {
  /** What the model is: a text-to-image pipeline, or a CLIP. Default: a pipeline. */
  kind?: ModelKind;
  /** A branch, tag or commit of the model's repository. Default: `main`. */
  revision?: string;
  /** As for `readPipelineFolder`: which of several published weights, such as `fp16`. */
  variant?: string | undefined;
  /** Default: HF_HUB_CACHE, or `hub` in HF_HOME, or Hugging Face's folder in the user's cache. */
  cacheFolder?: string;
  /** Opens private and gated models; starts with `hf_`. Default: HF_TOKEN. It is never printed. */
  token?: string | undefined;
  /** Use what is in the cache and nothing else. Default: whether HF_HUB_OFFLINE is set. */
  offline?: boolean;
  /** Default: HF_ENDPOINT, or huggingface.co. */
  hubUrl?: string;
  /** Takes a line for each file that is downloaded. */
  print?: (line: string) => void;
}

/** A model of the hub: `hf:owner/name`, or with a revision `hf:owner/name@revision`. */
const hubPattern = /^hf:([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/;

const gatedCure = "a private or gated model needs access on its page and a token in HF_TOKEN";

export type ModelKind = "pipeline" | "clip" | "languageModel";

/** Which files of a repository a model of a kind needs. */
interface ModelLayout {
  /** Small files. */
  readonly settings: RegExp;
  /** What the weights in each folder are called, without an ending. */
  readonly weights: Readonly<Record<string, string>>;
  /** @throws when something is missing */
  readonly check: (folder: string, options: { variant: string | undefined }) => unknown;
}

const layouts: Readonly<Record<ModelKind, ModelLayout>> = {
  pipeline: {
    settings:
      /^(model_index\.json|(unet|vae|text_encoder)\/config\.json|scheduler\/[^/]+\.json|tokenizer\/[^/]+\.(json|txt))$/,
    weights: weightsNames,
    check: readPipelineFolder,
  },
  clip: {
    settings:
      /^((config|preprocessor_config|tokenizer|tokenizer_config|special_tokens_map|vocab)\.json|merges\.txt)$/,
    weights: { ".": "model" },
    check: readClipFolder,
  },
  languageModel: {
    settings:
      /^((config|generation_config|preprocessor_config|processor_config|tokenizer|tokenizer_config|special_tokens_map|vocab|chat_template)\.json|merges\.txt|chat_template\.jinja)$/,
    weights: { ".": "model" },
    check: readModelFolder,
  },
};

/**
 * Where on this machine a model is that may have to be downloaded first. Folders and files are
 * given back as they are. Of `hf:owner/name` the settings, the tokenizer and one set of weights are
 * downloaded, into the cache that Hugging Face's own libraries use, and only what is not there yet.
 * Without a connection, or with a hub that is out of order, the cache's copy is taken.
 *
 * @throws {InputError} when the hub cannot be reached and the cache has no copy, or the hub has no
 * such model or does not show it
 */
export async function fetchModel(source: string, options: FetchModelOptions = {}): Promise<string> {
  if (!source.startsWith("hf:")) return source;
  const [, name, inName] = hubPattern.exec(source) ?? [];
  if (name === undefined || name.includes("..")) {
    throw new InputError(
      `Cannot fetch ${source}: expected hf:owner/name or hf:owner/name@revision`,
    );
  }
  const place = new HubModel(source, name, { ...options, revision: options.revision ?? inName });
  return place.fetch();
}

/** Options with their defaults; a revision that was not given is `undefined`. */
type Given = Omit<FetchModelOptions, "revision"> & { revision: string | undefined };

class HubModel {
  readonly #source: string;
  readonly #name: string;
  readonly #revision: string;
  readonly #options: Given;
  readonly #cache: string;
  readonly #layout: ModelLayout;

  constructor(source: string, name: string, options: Given) {
    this.#source = source;
    this.#name = name;
    this.#revision = options.revision ?? "main";
    this.#options = options;
    this.#cache = options.cacheFolder ?? defaultCache();
    this.#layout = layouts[options.kind ?? "pipeline"];
  }

  async fetch(): Promise<string> {
    const { offline = isSet(process.env["HF_HUB_OFFLINE"]) } = this.#options;
    if (offline) return this.#cached("HF_HUB_OFFLINE or offline is set");
    try {
      return await this.#download();
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      const status = statusOf(cause);
      if (status !== undefined && status < 500) throw this.#refused(status);
      return this.#cached(`no connection to ${this.#hubUrl} (${reasonOf(cause)})`);
    }
  }

  get #hubUrl(): string {
    return this.#options.hubUrl ?? process.env["HF_ENDPOINT"] ?? "https://huggingface.co";
  }

  get #folder(): string {
    return path.join(this.#cache, `models--${this.#name.replace("/", "--")}`);
  }

  async #download(): Promise<string> {
    const hub = await import("@huggingface/hub");
    const accessToken = this.#options.token ?? process.env["HF_TOKEN"];
    if (accessToken && !accessToken.startsWith("hf_")) {
      throw new InputError(
        `Cannot fetch ${this.#source}: expected a token that starts with hf_, got another; look at HF_TOKEN`,
      );
    }
    const access = { hubUrl: this.#hubUrl, ...(accessToken ? { accessToken } : {}) };
    const repo = this.#name;
    const info = { ...access, name: repo, revision: this.#revision };
    const { sha } = await hub.modelInfo({ ...info, additionalFields: ["sha"] });
    const names: string[] = [];
    for await (const entry of hub.listFiles({ ...access, repo, revision: sha, recursive: true })) {
      if (entry.type === "file") names.push(entry.path);
    }
    const get = async (file: string): Promise<string> => {
      this.#options.print?.(`${this.#source}: ${file}`);
      const given = { ...access, repo, path: file, revision: sha, cacheDir: this.#cache };
      return quietly(() => hub.downloadFileToCacheDir(given));
    };
    for (const file of names.filter((each) => this.#layout.settings.test(each))) await get(file);
    for (const file of this.#weightsOf(names)) {
      const local = await get(file);
      if (!file.endsWith(".json")) continue;
      for (const shard of shardsOf(local)) await get(path.posix.join(path.dirname(file), shard));
    }
    if (sha !== this.#revision) {
      writeFileAtomic(path.join(this.#folder, "refs", this.#revision), sha);
    }
    return path.join(this.#folder, "snapshots", sha);
  }

  /** The file with each model's weights, or the index of several. */
  #weightsOf(names: readonly string[]): string[] {
    return Object.entries(this.#layout.weights).flatMap(([part, base]) => {
      const inPart = names.filter((file) => path.dirname(file) === part);
      const files = new Set(inPart.map((file) => path.basename(file)));
      const chosen = chooseWeights(files, base, this.#options.variant);
      return chosen === undefined ? [] : [path.posix.join(part, chosen)];
    });
  }

  /** The whole copy that the cache has of the revision. */
  #cached(why: string): string {
    const ref = path.join(this.#folder, "refs", this.#revision);
    const sha = existsSync(ref) ? readFileSync(ref, "utf8").trim() : this.#revision;
    const snapshot = path.join(this.#folder, "snapshots", sha);
    try {
      this.#layout.check(snapshot, { variant: this.#options.variant });
      return snapshot;
    } catch (cause) {
      const missing = existsSync(snapshot) ? `: ${reasonOf(cause)}` : "";
      throw new InputError(
        `Cannot fetch ${this.#source} at ${this.#revision}: ${why}, and the cache ${this.#cache} has no whole copy${missing}; connect, or copy the model's folder to this machine and name that`,
        { cause },
      );
    }
  }

  #refused(status: number): InputError {
    const cures = new Map([
      [404, `is there such a model, and a revision ${this.#revision}?`],
      [401, gatedCure],
      [403, gatedCure],
    ]);
    const cure = cures.get(status) ?? "try again later";
    return new InputError(
      `Cannot fetch ${this.#source}: ${this.#hubUrl} answered ${status}; ${cure}`,
    );
  }
}

/**
 * Without the lines about downloads that the hub's library gives to `console.debug`, which writes to
 * standard output; it has no option for them. Other lines pass.
 */
async function quietly<Result>(download: () => Promise<Result>): Promise<Result> {
  const { debug } = console;
  console.debug = (...line: unknown[]) => {
    if (!String(line[0]).startsWith("Downloading ")) debug(...line);
  };
  try {
    return await download();
  } finally {
    console.debug = debug;
  }
}

function defaultCache(): string {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home =
    HF_HOME ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "huggingface");
  return HF_HUB_CACHE ?? path.join(home, "hub");
}

function isSet(flag: string | undefined): boolean {
  return flag !== undefined && !["", "0", "false", "no"].includes(flag.toLowerCase());
}

/** The hub's answer, where it gave one. */
function statusOf(error: unknown): number | undefined {
  const isAnswer = error instanceof Error && "statusCode" in error;
  return isAnswer && typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** The innermost message: fetch() wraps what the system said. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
