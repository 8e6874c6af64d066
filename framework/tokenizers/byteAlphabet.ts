/**
 * The printable character that stands for each byte in a byte-level vocabulary: itself where it can
 * be seen, else the next free one from U+0100.
 *
 * Source: Radford et al. 2019, "Language models are unsupervised multitask learners", section 2.2,
 * and the table of its published code.
 */
export const byteAlphabet: readonly string[] = makeAlphabet();

function makeAlphabet(): string[] {
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isVisible(byte) ? byte : 0x100 + hidden++),
  );
}

/** Of Latin-1, without the space and the soft hyphen. */
function isVisible(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

const encoder = new TextEncoder();

/** A text as a byte-level vocabulary spells it. */
export function toByteAlphabet(text: string): string {
  return Array.from(encoder.encode(text), (byte) => byteAlphabet[byte]!).join("");
}

const byteOf: ReadonlyMap<string, number> = new Map(
  byteAlphabet.map((letter, byte) => [letter, byte]),
);

/**
 * The bytes that an entry of a byte-level vocabulary stands for.
 *
 * @throws {RangeError} when it holds a letter that stands for no byte
 */
export function bytesOfEntry(entry: string): Uint8Array {
  return Uint8Array.from(entry, (letter) => {
    const byte = byteOf.get(letter);
    if (byte !== undefined) return byte;
    throw new RangeError(
      `Cannot read vocabulary entry "${entry}": expected letters of the byte alphabet, got "${letter}"`,
    );
  });
}
