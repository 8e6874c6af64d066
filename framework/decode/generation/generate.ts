import { generateTokens } from "./generateTokens.ts";
import type {
  FinishReason,
  GeneratedToken,
  GenerateOptions,
  GenerationTarget,
} from "./generation.ts";
import type { TokenLogProbability } from "./tokenChooser.ts";

export interface GenerationUsage {
  readonly promptTokens: number;
  /** Those of them that a prefix cache had. */
  readonly cachedTokens: number;
  /** Tokens that were generated, a stop token among them. */
  readonly completionTokens: number;
}

/** What was added to a prompt. */
export interface Generation {
  /** Without the token that ended it. */
  readonly tokens: readonly number[];
  /** The token that ended it, if one did. */
  readonly stopToken: number | undefined;
  readonly finishReason: FinishReason;
  readonly usage: GenerationUsage;
  /** Of each token that was generated, where they were asked for. */
  readonly logProbabilities: readonly TokenLogProbability[];
}

/**
 * Continues texts to their end; see {@link generateTokens}.
 *
 * @param onToken told each token when it is there
 * @returns for each prompt what follows
 */
export async function generate(
  engine: GenerationTarget,
  options: GenerateOptions,
  onToken?: (token: GeneratedToken) => void,
): Promise<Generation[]> {
  const texts = options.prompts.map((): GeneratedToken[] => []);
  for await (const token of generateTokens(engine, options)) {
    texts[token.text]!.push(token);
    onToken?.(token);
  }
  return texts.map((all, i) => {
    const prompt = options.prompts[i]!;
    const { finishReason, cachedTokens } = all.at(-1)!;
    const hasStop = finishReason === "stopToken";
    const kept = hasStop ? all.slice(0, -1) : all;
    return {
      tokens: kept.map(({ token }) => token),
      stopToken: hasStop ? all.at(-1)!.token : undefined,
      finishReason: finishReason!,
      usage: {
        promptTokens: "tokens" in prompt ? prompt.tokens.length : prompt.length,
        cachedTokens,
        completionTokens: all.length,
      },
      logProbabilities: all.flatMap(({ logProbability }) => logProbability ?? []),
    };
  });
}
