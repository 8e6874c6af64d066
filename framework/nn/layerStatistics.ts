import * as tf from "@tensorflow/tfjs";

import { wrapLayer } from "./layerWrappers.ts";

/** What the inputs of a linear layer were like, over all rows that went through it. */
export interface InputStatistics {
  readonly rows: number;
  /** Mean magnitude of each feature, `[features]`. */
  readonly meanAbsolute: Float32Array;
  /** Sums of products of the features, `[features, features]`; where they were asked for. */
  readonly gram?: Float64Array;
}

export interface LayerStatisticsOptions {
  /** Also sum up products of features, for methods that correct for errors. */
  gram?: boolean;
}

/** Sums on their way, kept from being disposed. */
interface Sums {
  rows: number;
  absolute: tf.Tensor;
  gram?: tf.Tensor;
}

/**
 * Watches what goes into linear layers while something runs their model: not compiled, since each
 * call must be seen.
 *
 * @param weights of the layers, by name
 * @param run runs the model on one batch after another
 * @returns for each layer that was used, by name
 */
export async function layerStatistics(
  weights: ReadonlyMap<string, tf.Variable>,
  run: () => void | Promise<void>,
  { gram = false }: LayerStatisticsOptions = {},
): Promise<Map<string, InputStatistics>> {
  const sums = new Map<string, Sums>();
  const unwrap = [...weights].map(([name, weight]) =>
    wrapLayer(weight, (x, { own }) => {
      addRows(sums, name, x, gram);
      return own(x);
    }),
  );
  try {
    await run();
    return new Map(
      await Promise.all(
        [...sums].map(async ([name, each]): Promise<[string, InputStatistics]> => [
          name,
          await read(each),
        ]),
      ),
    );
  } finally {
    for (const take of unwrap) take();
    for (const { absolute, gram: products } of sums.values()) {
      tf.dispose([absolute, products ?? []]);
    }
  }
}

function addRows(sums: Map<string, Sums>, name: string, x: tf.Tensor, gram: boolean): void {
  const before = sums.get(name);
  const rows = x.size / (x.shape.at(-1) ?? 1);
  const inputs = x.reshape<tf.Tensor2D>([rows, -1]);
  const after: Sums = {
    rows: (before?.rows ?? 0) + rows,
    absolute: added(() => inputs.abs().sum(0), before?.absolute),
  };
  if (gram) after.gram = added(() => tf.matMul(inputs, inputs, true), before?.gram);
  inputs.dispose();
  tf.dispose([before?.absolute ?? [], before?.gram ?? []]);
  sums.set(name, after);
}

/** The sum outlives the tidy that the model may run in. */
function added(value: () => tf.Tensor, before?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.keep(before ? before.add(value()) : value()));
}

async function read({ rows, absolute, gram }: Sums): Promise<InputStatistics> {
  const total = await absolute.data<"float32">();
  const meanAbsolute = total.map((sum) => sum / rows);
  if (!gram) return { rows, meanAbsolute };
  return { rows, meanAbsolute, gram: Float64Array.from(await gram.data<"float32">()) };
}
