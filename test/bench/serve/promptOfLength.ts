import type { ChatTemplate } from "../../../framework/tokenizers/chatTemplate.ts";
import type { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";

const words = ["sea", "stone", "light", "river", "bird", "door", "winter", "hand", "road", "song"];

/**
 * What a user says for a prompt of exactly so many tokens.
 *
 * @param number prompts of different numbers share no more than what every conversation begins with
 * @throws {RangeError} when there is no such prompt
 */
export function promptOfLength(
  { tokenizer, template }: { tokenizer: Tokenizer; template: ChatTemplate },
  length: number,
  number: number,
): string {
  const lengthOf = (content: string): number =>
    tokenizer.textIds(template.render([{ role: "user", content }])).length;
  let text = String(number).split("").join(" ");
  for (let i = number; lengthOf(text) < length; i++) text += ` ${words[i % words.length]}`;
  for (const end of ["", ".", "..", "!", " x", " x.", " x x"]) {
    const tried = text + end;
    if (lengthOf(tried) === length) return tried;
    const shorter = text.slice(0, text.lastIndexOf(" ")) + end;
    if (lengthOf(shorter) === length) return shorter;
  }
  throw new RangeError(`Cannot make a prompt: expected one of ${length} tokens, found none`);
}
