import {
  groupByLayer,
  readOptions,
  textTable,
  type Callback,
  type NamedVariables,
  type OptionsSchema,
} from "seedbed";

export interface SparsityReportOptions {
  maxDepth: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    maxDepth: {
      type: "integer",
      minimum: -1,
      default: 1,
      description:
        "How many parts of the parameters' names a layer may have; -1: all, 0: the whole model alone.",
    },
  },
};

/** How many weights there are, and how many of them are zero. */
interface Sparsity {
  zeros: number;
  weights: number;
}

/**
 * The share of the trained parameters that is zero, biases included: after each validation it is
 * logged as `sparsity/<layer>` and `sparsity`, and after the fit printed as a table.
 */
export function sparsityReport(options: Partial<SparsityReportOptions> = {}): Callback {
  const { maxDepth } = readOptions<SparsityReportOptions>("sparsityReport", optionsSchema, options);
  return {
    name: "sparsityReport",
    async onValidationEnd(state) {
      if (state.stage !== "validate") return;
      const { layers, total } = await measure(state.module.trainableParameters(), maxDepth);
      for (const [layer, sparsity] of layers) state.log(`sparsity/${layer}`, shareOf(sparsity));
      state.log("sparsity", shareOf(total));
    },
    async onFitEnd(state) {
      const { layers, total } = await measure(state.module.trainableParameters(), maxDepth);
      const rows = [...layers, ["total", total] as const].map(([layer, sparsity]) => [
        layer,
        sparsity.zeros.toLocaleString("en-US"),
        sparsity.weights.toLocaleString("en-US"),
        `${(100 * shareOf(sparsity)).toFixed(2)} %`,
      ]);
      const header = ["layer", "zeros", "weights", "sparsity"];
      for (const line of textTable([header, ...rows], [1, 2, 3])) state.print(line);
    },
  };
}

async function measure(
  parameters: NamedVariables,
  maxDepth: number,
): Promise<{ layers: Map<string, Sparsity>; total: Sparsity }> {
  const counts = new Map<string, Sparsity>();
  for (const [name, parameter] of parameters) {
    let zeros = 0;
    for (const value of await parameter.data()) if (value === 0) zeros++;
    counts.set(name, { zeros, weights: parameter.size });
  }
  const layers = [...groupByLayer(counts, maxDepth)].map(([layer, members]): [string, Sparsity] => [
    layer,
    add(members),
  ]);
  return { layers: new Map(layers), total: add(counts) };
}

function add(counts: ReadonlyMap<string, Sparsity>): Sparsity {
  const all = [...counts.values()];
  return {
    zeros: all.reduce((sum, { zeros }) => sum + zeros, 0),
    weights: all.reduce((sum, { weights }) => sum + weights, 0),
  };
}

const shareOf = ({ zeros, weights }: Sparsity): number => zeros / weights;
