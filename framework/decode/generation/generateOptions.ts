import type { GenerateOptions, GenerationPrompt, GenerationTarget } from "./generation.ts";

export function promptsOf({ prompts }: Pick<GenerateOptions, "prompts">): GenerationPrompt[] {
  return prompts.map((prompt) => ("tokens" in prompt ? prompt : { tokens: prompt }));
}

/** @throws {RangeError} for what does not fit the engine, or each other */
export function checkGenerateOptions(engine: GenerationTarget, options: GenerateOptions): void {
  const { maxNewTokens, speculation, logProbabilities = 0 } = options;
  const prompts = promptsOf(options);
  for (const most of [maxNewTokens, ...prompts.map((each) => each.maxNewTokens ?? 1)]) {
    if (Number.isInteger(most) && most >= 1) continue;
    throw new RangeError(
      `Cannot generate: expected maxNewTokens to be an integer >= 1, got ${most}`,
    );
  }
  if (!Number.isInteger(logProbabilities) || logProbabilities < 0) {
    throw new RangeError(
      `Cannot generate: expected logProbabilities to be an integer >= 0, got ${logProbabilities}`,
    );
  }
  for (const [text, { tokens, replacements, prefixKeys = tokens }] of prompts.entries()) {
    if (tokens.length < 1 || tokens.length > engine.capacity) {
      throw new RangeError(
        `Cannot generate: expected prompts of 1 to ${engine.capacity} tokens, got ${tokens.length} in prompt ${text}`,
      );
    }
    const outside = replacements?.at.find((at) => tokens[at] === undefined);
    if (outside !== undefined || prefixKeys.length !== tokens.length) {
      throw new RangeError(
        `Cannot generate: prompt ${text} has ${tokens.length} tokens, got ${outside === undefined ? `${prefixKeys.length} prefixKeys` : `a replacement for token ${outside}`}`,
      );
    }
    if (speculation && replacements?.at.includes(tokens.length - 1)) {
      throw new RangeError(
        `Cannot guess tokens of text ${text}: its prompt ends with an embedding; leave speculation out`,
      );
    }
  }
  if (speculation) checkSpeculation(engine, speculation);
}

/** Tokens that an engine with a window can take back. */
const mostProposals = 15;

function checkSpeculation(
  engine: GenerationTarget,
  { proposals = 1 }: NonNullable<GenerateOptions["speculation"]>,
): void {
  if (!engine.isRewindable) {
    throw new RangeError(
      "Cannot guess tokens: an engine for texts without end (streaming) cannot take tokens back; leave speculation out",
    );
  }
  if (!Number.isInteger(proposals) || proposals < 1 || proposals > mostProposals) {
    throw new RangeError(
      `Cannot guess tokens: expected 1 to ${mostProposals} proposals at a time, got ${proposals}`,
    );
  }
}
