import { expect } from "chai";

import {
  loadChatTemplate,
  type ChatMessage,
} from "../../../../framework/tokenizers/chatTemplate.ts";
import { loadTokenizer } from "../../../../framework/tokenizers/loadTokenizer.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

interface RecordedTokenizer {
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

/** Texts to ids and back, conversations to texts. */
export const tokenizer: NanoCheck = {
  title: "tokenizer",
  tests: (folder) =>
    folder.has("tokenizer.json") && folder.has("golden.json")
      ? [
          { title: "gives the published ids and texts", run: () => texts(folder) },
          { title: "writes conversations as published", run: () => conversations(folder) },
        ]
      : [],
};

function texts(folder: NanoFolder): void {
  const { cases, vocab_size } = folder.json<RecordedTokenizer>("golden.json");
  const read = loadTokenizer(folder.folder);
  expect(read.vocabularySize).to.equal(vocab_size);
  for (const { text, ids, decoded } of cases) {
    expect(read.textIds(text), JSON.stringify(text)).to.deep.equal(ids);
    expect(read.decode(ids, { keepSpecialTokens: true })).to.equal(decoded);
  }
}

function conversations(folder: NanoFolder): void {
  const read = loadTokenizer(folder.folder);
  const template = loadChatTemplate(folder.folder)!;
  const { chat } = folder.json<RecordedTokenizer>("golden.json");
  expect(chat).to.not.equal([]);
  for (const { messages, tools, add_generation_prompt, text, ids } of chat) {
    const rendered = template.render(messages, {
      ...(tools && { tools }),
      addGenerationPrompt: add_generation_prompt,
    });
    expect(rendered).to.equal(text);
    expect(read.textIds(rendered)).to.deep.equal(ids);
  }
}
