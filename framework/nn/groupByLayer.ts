/**
 * Parameters by the layer whose name they start with: `unet.conv_in.weight` belongs to `unet` and
 * to `unet.conv_in`. A parameter without a layer stands under its own name.
 *
 * @param parameters by their full names, with dots
 * @param maxDepth longest names of layers, in parts; -1: no limit
 * @returns layers in the order of their first parameters, each before those in it
 */
export function groupByLayer<Parameter>(
  parameters: ReadonlyMap<string, Parameter>,
  maxDepth: number,
): ReadonlyMap<string, ReadonlyMap<string, Parameter>> {
  return new Map(layersFrom(1, parameters, maxDepth < 0 ? Infinity : maxDepth));
}

/** Layers whose names have at least `depth` parts. */
function* layersFrom<Parameter>(
  depth: number,
  parameters: ReadonlyMap<string, Parameter>,
  maxDepth: number,
): Generator<[string, ReadonlyMap<string, Parameter>]> {
  if (depth > maxDepth) return;
  const layers = new Map<string, Map<string, Parameter>>();
  for (const [name, parameter] of parameters) {
    const parts = name.split(".");
    if (depth >= Math.max(2, parts.length)) continue;
    const layer = parts.slice(0, depth).join(".");
    const members = layers.get(layer) ?? new Map<string, Parameter>();
    layers.set(layer, members.set(name, parameter));
  }
  for (const [layer, members] of layers) {
    yield [layer, members];
    yield* layersFrom(depth + 1, members, maxDepth);
  }
}
