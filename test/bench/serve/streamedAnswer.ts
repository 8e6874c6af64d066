import type OpenAI from "openai";

export interface StreamedAnswer {
  /** From the request to the first text. */
  readonly firstMs: number;
  /** Between one text and the next. */
  readonly gapsMs: readonly number[];
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

type Streamed = Omit<OpenAI.Chat.ChatCompletionCreateParamsStreaming, "stream" | "stream_options">;

/** Asks through the official client, and notes when what comes. */
export async function streamedAnswer(client: OpenAI, request: Streamed): Promise<StreamedAnswer> {
  const start = performance.now();
  const stream = await client.chat.completions.create({
    ...request,
    ...{ stream: true, stream_options: { include_usage: true } },
  });
  const times: number[] = [];
  for await (const { choices, usage } of stream) {
    if (choices[0]?.delta.content) times.push(performance.now());
    if (!usage) continue;
    const [first] = times;
    if (first === undefined) break;
    return {
      firstMs: first - start,
      gapsMs: times.slice(1).map((time, i) => time - times[i]!),
      promptTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      completionTokens: usage.completion_tokens,
    };
  }
  throw new Error("Cannot measure an answer: expected some text and its usage, got none");
}
