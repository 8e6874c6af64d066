import type { Asker } from "../asker.ts";
import type { LanguageService } from "../languageService.ts";
import type { TemplateMessage } from "../pictures/pictureTemplate.ts";
import { scheduleText } from "../scheduleText.ts";
import { hashOf, type Summary } from "./conversationMemory.ts";

const instruction =
  "Summarize the conversation below in a few sentences. Keep names, numbers, decisions and open questions. Say nothing else.";

export interface SummarizeOptions {
  readonly service: LanguageService;
  readonly asker: Asker;
  /** Most tokens of a summary. */
  readonly mostTokens: number;
}

/**
 * A summary of groups of messages: of the first one, then of that and the second one, and so on. Each
 * is made once, by the same model, for all conversations that begin so.
 *
 * @returns the last one, and what those took that were made now
 * @throws {ApiError} 429 where too many texts wait
 */
export async function summarize(
  groups: readonly (readonly TemplateMessage[])[],
  { service, asker, mostTokens }: SummarizeOptions,
): Promise<Summary> {
  let [text, key] = ["", hashOf(mostTokens)];
  let [promptTokens, completionTokens] = [0, 0];
  for (const group of groups) {
    asker.signal.throwIfAborted();
    key = hashOf(key, group);
    const before = text;
    const { summary, isNew } = await service.conversations.summary(key, () =>
      summaryOf(before, group, { service, asker, mostTokens }),
    );
    ({ text } = summary);
    if (!isNew) continue;
    promptTokens += summary.promptTokens;
    completionTokens += summary.completionTokens;
  }
  return { text, promptTokens, completionTokens };
}

async function summaryOf(
  before: string,
  group: readonly TemplateMessage[],
  { service, asker, mostTokens }: SummarizeOptions,
): Promise<Summary> {
  const tokens = await promptOf(before, group.map(lineOf).join("\n"), service, mostTokens);
  const record = asker.begin({
    ...{ model: service.name, promptTokens: tokens.length, mostCompletionTokens: mostTokens },
  });
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }; // until a token has come
  const decoder = new TextDecoder();
  let text = "";
  try {
    // Other conversations may wait for the same summary: whoever leaves does not end it.
    const said = scheduleText(service, {
      ...{ prompt: { tokens }, maxNewTokens: mostTokens, stopTokens: service.endTokens },
      owner: asker.owner,
    });
    for await (const { token, finishReason, cachedTokens } of said) {
      record.token(0);
      usage.promptTokens = tokens.length;
      usage.cachedTokens = cachedTokens;
      if (finishReason === "stopToken") break;
      usage.completionTokens++;
      text += decoder.decode(service.vocabulary.entries[token] ?? new Uint8Array(), {
        stream: true,
      });
    }
  } finally {
    record.end(usage);
  }
  return { ...usage, text: text.trim() };
}

/** What is summarized: where there is no room for all of it, without its middle. */
async function promptOf(
  before: string,
  text: string,
  service: LanguageService,
  mostTokens: number,
): Promise<readonly number[]> {
  const known = before === "" ? "" : `Summary of what was before: ${before}\n`;
  const most = Math.min(text.length, service.windowBytes); // of so many characters there is no room for more
  for (let kept = most; ; kept = Math.floor(kept * 0.8)) {
    const half = Math.ceil(kept / 2);
    const part = kept === text.length ? text : `${text.slice(0, half)} … ${text.slice(-half)}`;
    const rendered = service.template.render([
      { role: "system", content: instruction },
      { role: "user", content: known + part },
    ]);
    const tokens = await service.textIds(rendered);
    if (tokens.length + mostTokens <= service.window || kept <= 1) return tokens;
  }
}

function lineOf({ role, content, tool_calls: calls }: TemplateMessage): string {
  const parts = typeof content === "string" ? [content] : (content ?? []).map(textOf);
  const called = (calls ?? []).map((call) => JSON.stringify(Object(call).function));
  return `${role}: ${[...parts, ...called].join(" ")}`;
}

/** Of a part; a picture is none. */
const textOf = (part: object): string => String(Object(part).text ?? "(a picture)");
