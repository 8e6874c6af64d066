import { expect } from "chai";

import {
  loadChatTemplate,
  type ChatMessage,
} from "../../../../framework/tokenizers/chatTemplate.ts";
import { openTokenizer } from "../../../../framework/tokenizers/loadTokenizer.ts";
import type { Tokenizer } from "../../../../framework/tokenizers/tokenizer.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedTokenizer {
  /** Whose manner of cutting texts it has. */
  readonly style: string;
  readonly n_merges: number;
  /** Texts that transformers' slow tokenizer agrees on, of how many: `21/21`. */
  readonly hf_slow_agreement: string;
  readonly hf_slow_disagree: readonly unknown[];
  readonly vocab_size: number;
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
  readonly chat: readonly {
    readonly messages: readonly ChatMessage[];
    readonly tools?: readonly object[];
    readonly add_generation_prompt: boolean;
    readonly text: string;
    readonly ids: readonly number[];
  }[];
}

/** transformers' classes. */
const classes: Readonly<Record<string, string>> = {
  qwen2: "Qwen2Tokenizer",
  smollm2: "GPT2Tokenizer",
};

/** Texts to ids and back, conversations to texts. */
export const tokenizer: NanoCheck = {
  title: "tokenizer",
  tests: (folder) =>
    folder.has("tokenizer.json") && folder.has("golden.json")
      ? [
          { title: "gives the published ids and texts", run: () => texts(folder) },
          { title: "writes conversations as published", run: () => conversations(folder) },
          { title: "has the published vocabulary and merges", run: () => vocabulary(folder) },
        ]
      : [],
};

/** The tokenizer; the files that it was made of count as read. */
function opened(folder: NanoFolder): Tokenizer {
  const { tokenizer: read, files } = openTokenizer(folder.folder);
  for (const name of files.keys()) folder.file(name);
  return read;
}

function texts(folder: NanoFolder): void {
  const { cases, vocab_size } = folder.json<RecordedTokenizer>("golden.json");
  const read = opened(folder);
  expect(read.vocabularySize).to.equal(vocab_size);
  for (const { text, ids, decoded } of cases) {
    expect(read.textIds(text), JSON.stringify(text)).to.deep.equal(ids);
    expect(read.decode(ids, { keepSpecialTokens: true })).to.equal(decoded);
  }
}

function conversations(folder: NanoFolder): void {
  const read = opened(folder);
  const template = loadChatTemplate(folder.folder)!;
  const { chat } = folder.json<RecordedTokenizer>("golden.json");
  expect(chat).to.have.length.above(0);
  for (const { messages, tools, add_generation_prompt, text, ids } of chat) {
    const rendered = template.render(messages, {
      ...(tools && { tools }),
      addGenerationPrompt: add_generation_prompt,
    });
    expect(rendered).to.equal(text);
    expect(read.textIds(rendered)).to.deep.equal(ids);
  }
}

/** The files of a tokenizer of the older kind hold what `tokenizer.json` does. */
function vocabulary(folder: NanoFolder): void {
  const recorded = folder.json<RecordedTokenizer>("golden.json");
  const { model, added_tokens } = JSON.parse(folder.text("tokenizer.json"));
  const { tokenizer_class, added_tokens_decoder } = JSON.parse(
    folder.text("tokenizer_config.json"),
  );
  expect(tokenizer_class).to.equal(classes[recorded.style]);
  expect(JSON.parse(folder.text("vocab.json"))).to.deep.equal(model.vocab);
  const merges = folder.text("merges.txt").trimEnd().split("\n");
  expect(merges.filter((line) => !line.startsWith("#version"))).to.deep.equal(model.merges);
  expect(model.merges).to.have.lengthOf(recorded.n_merges);
  const added = added_tokens.map(({ id, ...token }: { id: number }) => [String(id), token]);
  expect(Object.fromEntries(added)).to.deep.equal(added_tokens_decoder);
  const [agreed, all] = recorded.hf_slow_agreement.split("/");
  expect([agreed, recorded.hf_slow_disagree]).to.deep.equal([all, []]);
}
