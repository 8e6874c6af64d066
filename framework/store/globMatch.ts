/**
 * Whether a text fits a pattern, whatever the case of letters: `*` stands for any text, `?` for one
 * character. A pattern without either may lie anywhere in the text. Takes at most the product of
 * both lengths, so no pattern can hold a server up.
 */
export function globMatch(text: string, pattern: string): boolean {
  const [word, wanted] = [text.toLowerCase(), pattern.toLowerCase()];
  return /[*?]/.test(wanted) ? fits(word, wanted) : word.includes(wanted);
}

/** Goes back to the last `*` alone: an earlier one can give nothing that the last cannot. */
function fits(text: string, pattern: string): boolean {
  let [at, p, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = at;
    } else if (pattern[p] === "?" || pattern[p] === text[at]) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
