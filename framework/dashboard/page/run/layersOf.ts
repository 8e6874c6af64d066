/**
 * Nodes of a graph in columns, so that edges lead to the right: each stands one after the last that
 * leads to it. A circle, which files that were overwritten can make, is cut where it closes.
 */
export function layersOf(
  keys: readonly string[],
  edges: readonly { readonly from: string; readonly to: string }[],
): string[][] {
  const depths = new Map<string, number>();
  const depth = (key: string, path: ReadonlySet<string>): number => {
    const known = depths.get(key);
    if (known !== undefined) return known;
    const before = edges.filter(({ to, from }) => to === key && !path.has(from));
    const inner = new Set(path).add(key);
    const found = Math.max(-1, ...before.map(({ from }) => depth(from, inner))) + 1;
    depths.set(key, found);
    return found;
  };
  const layers: string[][] = [];
  for (const key of keys) (layers[depth(key, new Set([key]))] ??= []).push(key);
  return Array.from(layers, (layer) => layer ?? []);
}
