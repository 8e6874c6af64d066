/** A list as one parameter: items are joined by commas, and commas inside of them are escaped. */
export function formatList(items: readonly string[]): string | null {
  if (items.length === 0) return null;
  return items.map((item) => item.replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");
}

export function parseList(text: string | undefined): string[] {
  if (!text) return [];
  return text
    .split(",")
    .filter(Boolean)
    .map((item) => item.replaceAll("%2C", ",").replaceAll("%25", "%"));
}
