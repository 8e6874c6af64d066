/** A piece of a prompt and how much its features count. */
export interface WeightedText {
  readonly text: string;
  /** 1 is as it stands. */
  readonly weight: number;
}

/** What each pair of brackets without a number multiplies by. */
const emphasis = 1.1;

const tokenPattern = /\\[()[\]\\]|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()[\]:]+|:/g;
const breakPattern = /\s*\bBREAK\b\s*/;

interface Piece {
  text: string;
  weight: number;
  section: number;
}

/**
 * Reads the weights in a prompt: `(text)` counts 1.1 times as much, `(text:1.3)` 1.3 times,
 * `[text]` 1 / 1.1 times; brackets nest; `\(` is a bracket to be read. Brackets that are not closed
 * last to the end, and others that have no partner are text. The word `BREAK` begins a section,
 * which gets tokens of its own.
 *
 * Source: the syntax of AUTOMATIC1111's stable-diffusion-webui.
 *
 * @returns the pieces of each section, neighbours of one weight together
 */
export function readPromptWeights(prompt: string): WeightedText[][] {
  const pieces: Piece[] = [];
  const round: number[] = [];
  const square: number[] = [];
  let section = 0;
  const multiply = (start: number, factor: number): void => {
    for (const piece of pieces.slice(start)) piece.weight *= factor;
  };
  for (const [token, number] of prompt.matchAll(tokenPattern)) {
    if (token.startsWith("\\")) pieces.push({ text: token.slice(1), weight: 1, section });
    else if (token === "(") round.push(pieces.length);
    else if (token === "[") square.push(pieces.length);
    else if (number !== undefined && isFinite(Number(number)) && round.length > 0) {
      multiply(round.pop()!, Number(number));
    } else if (token === ")" && round.length > 0) multiply(round.pop()!, emphasis);
    else if (token === "]" && square.length > 0) multiply(square.pop()!, 1 / emphasis);
    else {
      for (const [i, text] of token.split(breakPattern).entries()) {
        if (i > 0) section++;
        pieces.push({ text, weight: 1, section });
      }
    }
  }
  for (const start of round) multiply(start, emphasis);
  for (const start of square) multiply(start, 1 / emphasis);
  return inSections(pieces, section + 1);
}

function inSections(pieces: readonly Piece[], count: number): WeightedText[][] {
  const sections = Array.from({ length: count }, (): { text: string; weight: number }[] => []);
  for (const { text, weight, section } of pieces) {
    const last = sections[section]!.at(-1);
    if (text === "") continue;
    if (last?.weight === weight) last.text += text;
    else sections[section]!.push({ text, weight });
  }
  return sections;
}
