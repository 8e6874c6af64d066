const factors: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** What such a text looks like, for schemas. */
export const byteCountPattern: string = String.raw`^[0-9]+(\.[0-9]+)? ?([kMGT]?B|[KMGT]iB)$`;

/**
 * Bytes that a text such as `500 MB`, `1.5GB` or `2 GiB` means; MB are millions, MiB 2 to the 20th.
 *
 * @throws {RangeError} when it is no such text
 */
export function parseByteCount(text: string): number {
  if (new RegExp(byteCountPattern).test(text)) {
    const unit = /[A-Za-z]+$/.exec(text)![0];
    return Math.round(Number.parseFloat(text) * factors[unit]!);
  }
  throw new RangeError(
    `Cannot read a size: expected a text such as 500 MB or 2 GiB, got "${text}"`,
  );
}

/** With three digits and the unit in which they are whole or nearly so: `1.07 GB`. */
export function formatByteCount(bytes: number): string {
  const unit = ["TB", "GB", "MB", "kB"].find((each) => bytes >= factors[each]!) ?? "B";
  return `${Number((bytes / factors[unit]!).toPrecision(3))} ${unit}`;
}
