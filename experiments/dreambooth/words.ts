/** Whether a text has a word, or several in a row, as such and not inside others. */
export const hasWord = (text: string, word: string): boolean => patternOf(word, "iu").test(text);

/** A text with another word wherever one stands as such. */
export const replaceWord = (text: string, word: string, other: string): string =>
  text.replaceAll(patternOf(word, "giu"), () => other);

/** A text without some words, wherever they stand as such; one that has none of them as it is. */
export function withoutWords(text: string, words: readonly string[]): string {
  if (!words.some((word) => hasWord(text, word))) return text;
  const rest = words.reduce((left, word) => left.replaceAll(patternOf(word, "giu"), ""), text);
  return rest.replaceAll(/\s+/g, " ").trim();
}

/** In any case of its letters, whatever punctuation is beside it. */
function patternOf(word: string, flags: string): RegExp {
  const parts = word.trim().split(/\s+/);
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}])${escaped.join(String.raw`\s+`)}(?![\p{L}\p{N}])`,
    flags,
  );
}
