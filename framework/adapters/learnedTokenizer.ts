import { Tokenizer } from "../tokenizers/tokenizer.ts";
import { tokenizerContent } from "../tokenizers/tokenizerContent.ts";

/** How many vectors each token stands for. */
export type TokenWidths = ReadonlyMap<string, number>;

/** Spellings of a token's vectors, as diffusers names them: `<cat>`, `<cat>_1`, `<cat>_2`. */
export function spellings(token: string, vectors: number): string[] {
  return Array.from({ length: vectors }, (_, i) => (i === 0 ? token : `${token}_${i}`));
}

/** A tokenizer that also knows learned tokens, each of one id or several in a row. */
export class LearnedTokenizer extends Tokenizer {
  readonly #widths: TokenWidths;
  readonly #pattern: RegExp;

  /**
   * @param files of the tokenizer's folder, by name, as `readTextFiles` gives them
   * @param firstId of the first token's first vector; the others follow in order
   */
  constructor(files: ReadonlyMap<string, string>, widths: TokenWidths, firstId: number) {
    const { tokenizer, config } = tokenizerContent("tokenizer", (name) => files.get(name));
    super(withAddedTokens(tokenizer, widths, firstId), config);
    this.#widths = widths;
    const longestFirst = [...widths.keys()].toSorted((a, b) => b.length - a.length);
    this.#pattern = new RegExp(`(${longestFirst.map(escaped).join("|")})(?!_\\d)`, "g");
  }

  /** The text with every learned token followed by its other vectors. */
  expand(text: string): string {
    if (this.#widths.size === 0) return text;
    return text.replaceAll(this.#pattern, (token) =>
      spellings(token, this.#widths.get(token)!).join(" "),
    );
  }

  protected override prepare(text: string): string {
    return this.expand(text);
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A token as `tokenizer.json` has it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** Every vector's token, with ids from the first on. */
export function addedTokens(widths: TokenWidths, firstId: number): AddedToken[] {
  const added = [...widths].flatMap(([token, vectors]) => spellings(token, vectors));
  return added.map((content, i) => ({
    id: firstId + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: false,
  }));
}

/** @param tokenizer the content of `tokenizer.json` */
export function withAddedTokens(tokenizer: object, widths: TokenWidths, firstId: number): object {
  const present: unknown = "added_tokens" in tokenizer ? tokenizer.added_tokens : [];
  const added = addedTokens(widths, firstId);
  return { ...tokenizer, added_tokens: [...(Array.isArray(present) ? present : []), ...added] };
}
