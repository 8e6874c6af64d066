import { generate, type GenerationTarget, type Tokenizer } from "seedbed";

import { endOfTurn } from "../data/chat.ts";
import { needleOf, needlePrompt } from "./needlePrompts.ts";

export interface NeedleGridOptions {
  readonly engine: GenerationTarget;
  readonly tokenizer: Pick<Tokenizer, "textIds" | "idOf" | "decode">;
  readonly haystack: ArrayLike<number>;
  /** Tokens of a prompt. */
  readonly lengths: readonly number[];
  /** Shares of the prose before the needle, in [0, 1]. */
  readonly depths: readonly number[];
  /** Needles of each cell. */
  readonly trials: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onCell?: (cell: NeedleCell) => void;
}

export interface NeedleCell {
  readonly length: number;
  readonly depth: number;
  readonly found: number;
  readonly trials: number;
}

/** Most tokens of an answer. */
const answerLength = 24;

/** How often a model finds a fact, by the length of its text and the place of the fact. */
export async function needleGrid(options: NeedleGridOptions): Promise<NeedleCell[]> {
  const { engine, tokenizer, haystack, trials, seed, signal, onCell } = options;
  const stopTokens = [tokenizer.idOf(endOfTurn)!];
  const cells: NeedleCell[] = [];
  for (const length of options.lengths) {
    for (const depth of options.depths) {
      const needles = Array.from({ length: trials }, (_, trial) => needleOf(seed, trial));
      const prompts = needles.map((needle) =>
        needlePrompt(tokenizer, { haystack, needle, length, depth }),
      );
      const said = await generate(engine, {
        ...{ prompts, stopTokens, maxNewTokens: answerLength },
        ...(signal && { signal }),
      });
      const found = said.filter(({ tokens }, i) =>
        tokenizer.decode(tokens).includes(needles[i]!.answer),
      ).length;
      const cell = { length, depth, found, trials };
      cells.push(cell);
      onCell?.(cell);
    }
  }
  return cells;
}

/** A table in Markdown: a row for each length, a column for each depth, shares that were found. */
export function needleTable(cells: readonly NeedleCell[]): string {
  const depths = [...new Set(cells.map(({ depth }) => depth))];
  const lengths = [...new Set(cells.map(({ length }) => length))];
  const share = (length: number, depth: number): string => {
    const cell = cells.find((each) => each.length === length && each.depth === depth);
    return cell ? `${cell.found}/${cell.trials}` : "";
  };
  const row = (values: readonly string[]): string => `| ${values.join(" | ")} |`;
  return [
    row(["tokens", ...depths.map((depth) => `${Math.round(100 * depth)} %`)]),
    row(["---:", ...depths.map(() => "---:")]),
    ...lengths.map((length) =>
      row([length.toLocaleString("en"), ...depths.map((depth) => share(length, depth))]),
    ),
  ].join("\n");
}
