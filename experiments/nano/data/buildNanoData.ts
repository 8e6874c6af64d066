import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { loadTokenizer, textTable, type Tokenizer, writeFileAtomic } from "seedbed";

import type { Picture } from "../pictures/picture.ts";
import { cacheKey } from "./cacheKey.ts";
import { dataTokenizer } from "./dataTokenizer.ts";
import { readDocuments, writeDocuments } from "./documentFiles.ts";
import { encodeSets, type EncodedSets } from "./encodeSets.ts";
import type { NanoEvaluation } from "./evaluationSets.ts";
import { gatherTexts } from "./gatherTexts.ts";
import { withDefaults, type NanoDataOptions } from "./nanoSettings.ts";
import { readPictures, writePictures } from "./pictureFiles.ts";
import type { SourceCount } from "./sourceCount.ts";
import { bySplit, splits, type Split } from "./split.ts";

export interface NanoManifest {
  readonly key: string;
  readonly seed: number;
  readonly scale: number;
  readonly vocabularySize: number;
  /** Versions of the packages that data come from. */
  readonly packages: Readonly<Record<string, string>>;
  readonly counts: readonly SourceCount[];
  /** SHA-256 of each file. */
  readonly files: Readonly<Record<string, string>>;
}

/** Everything that nano is trained and judged with. */
export interface NanoData {
  readonly folder: string;
  readonly manifest: NanoManifest;
  readonly tokenizer: Tokenizer;
  /** Texts to be continued, and dialogues of which the assistant's turns are learnt. */
  readonly prose: EncodedSets["prose"];
  readonly chat: EncodedSets["chat"];
  readonly pictures: Readonly<Record<Split, readonly Picture[]>>;
  readonly evaluation: NanoEvaluation;
}

/**
 * Builds the data at the first call and reads them later: equal options, packages and program text
 * give equal bytes. The manifest is written last, so that a build that was stopped is done again.
 */
export async function buildNanoData(options: NanoDataOptions = {}): Promise<NanoData> {
  const settings = withDefaults(options);
  const { key, packages } = cacheKey(settings);
  const folder = path.join(options.cacheFolder ?? ".cache/seedbed/nano", key);
  const found = readManifest(folder);
  if (found) return readData(folder, found);
  const texts = await gatherTexts(settings);
  const { tokenizer, encode, files } = dataTokenizer(texts, settings);
  const { sets, counts } = encodeSets(texts, encode);
  const contents = new Map<string, string | Uint8Array>(
    Array.from(files, ([name, text]) => [`tokenizer/${name}`, text]),
  );
  for (const split of splits) {
    writeDocuments(contents, `prose-${split}`, sets.prose[split]);
    writeDocuments(contents, `chat-${split}`, sets.chat[split]);
    writePictures(
      contents,
      `pictures-${split}`,
      texts.pictures.filter((each) => each.split === split),
    );
  }
  contents.set("evaluation.json", `${JSON.stringify(texts.evaluation)}\n`);
  const hashes: Record<string, string> = {};
  for (const [name, content] of contents) {
    writeFileAtomic(path.join(folder, name), content);
    hashes[name] = createHash("sha256").update(content).digest("hex");
  }
  const manifest: NanoManifest = {
    key,
    seed: settings.seed,
    scale: settings.scale,
    vocabularySize: tokenizer.vocabularySize,
    packages,
    counts,
    files: hashes,
  };
  writeFileAtomic(
    path.join(folder, "manifest.json"),
    `${JSON.stringify(manifest, undefined, 1)}\n`,
  );
  return readData(folder, manifest);
}

/** Undefined when there is none, or a file is not what it says. */
function readManifest(folder: string): NanoManifest | undefined {
  const file = path.join(folder, "manifest.json");
  if (!existsSync(file)) return undefined;
  const manifest: NanoManifest = JSON.parse(readFileSync(file, "utf8"));
  const isWhole = Object.entries(manifest.files).every(([name, sha256]) => {
    const each = path.join(folder, name);
    return (
      existsSync(each) && createHash("sha256").update(readFileSync(each)).digest("hex") === sha256
    );
  });
  return isWhole ? manifest : undefined;
}

function readData(folder: string, manifest: NanoManifest): NanoData {
  return {
    folder,
    manifest,
    tokenizer: loadTokenizer(path.join(folder, "tokenizer")),
    prose: bySplit((split) => readDocuments(folder, `prose-${split}`)),
    chat: bySplit((split) => readDocuments(folder, `chat-${split}`)),
    pictures: bySplit((split) => readPictures(folder, `pictures-${split}`, split)),
    evaluation: JSON.parse(readFileSync(path.join(folder, "evaluation.json"), "utf8")),
  };
}

/** Documents and tokens of each source in each split, as lines of a table. */
export function summaryTable({ counts }: Pick<NanoManifest, "counts">): string[] {
  const rows = counts.map(({ set, split, source, documents, tokens, learnt }) => [
    set,
    split,
    source,
    ...[documents, tokens, learnt].map((value) => value.toLocaleString("en")),
  ]);
  return textTable(
    [["set", "split", "source", "documents", "tokens", "learnt"], ...rows],
    [3, 4, 5],
  );
}
