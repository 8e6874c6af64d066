/** One module's path here and there, without a dot at the end. */
export type ModulePair = readonly [ours: string, theirs: string];

/**
 * Two trees of modules that hold the same parameters under other paths. A parameter's name is the
 * path of its module and its own name, so a pair stands for everything below it.
 */
export class RenamedModules {
  readonly #theirs: ReadonlyMap<string, string>;
  readonly #ours: ReadonlyMap<string, string>;

  constructor(pairs: readonly ModulePair[]) {
    this.#theirs = new Map(pairs);
    this.#ours = new Map(pairs.map(([ours, theirs]) => [theirs, ours]));
  }

  /** Their name of a parameter; undefined if no pair is above it. */
  toTheirs(name: string): string | undefined {
    return renamed(name, this.#theirs);
  }

  /** Our name of a parameter; undefined if no pair is above it. */
  toOurs(name: string): string | undefined {
    return renamed(name, this.#ours);
  }
}

/** By the longest path that begins the name. */
function renamed(name: string, paths: ReadonlyMap<string, string>): string | undefined {
  for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
    const path = paths.get(name.slice(0, end));
    if (path !== undefined) return path + name.slice(end);
  }
  return undefined;
}

/** The pairs below a module whose parts have other names. */
export function below(
  [ours, theirs]: ModulePair,
  parts: Readonly<Record<string, string>>,
): ModulePair[] {
  return Object.entries(parts).map(([a, b]) => [`${ours}.${a}`, `${theirs}.${b}`]);
}
