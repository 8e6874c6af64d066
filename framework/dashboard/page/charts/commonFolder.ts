/** Length of the part up to a slash that all titles begin with: it tells none from another. */
export function commonFolder(titles: readonly string[]): number {
  const [first = ""] = titles;
  const length = first.indexOf("/") + 1;
  const shared = titles.every((title) => title.startsWith(first.slice(0, length)));
  return shared && titles.length > 1 ? length : 0;
}
