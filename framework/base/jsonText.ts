const backslash = 0x5c;

/**
 * Where a text within JSON ends. Not by a regular expression, which has no stack for long ones.
 *
 * @param start of its first quote
 * @returns the place of its last quote; the length of all where there is none
 */
export function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let escapes = 0;
    while (json.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return json.length;
}
