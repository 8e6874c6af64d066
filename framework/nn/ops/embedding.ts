import * as tf from "@tensorflow/tfjs";

import { firstGradient, runKernel } from "./kernels.ts";

/**
 * A row of a table for every id.
 *
 * Kernel `SeedbedEmbedding`: `{table, ids}` to `y`.
 *
 * @param table `[rows, features]`
 * @param ids int32 `[...]`, each 0 to `rows - 1`
 * @returns `[..., features]`
 * @throws {RangeError} when the table is not of rank 2
 */
export function embedding(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  if (table.rank !== 2) {
    throw new RangeError(
      `Cannot look up embeddings: expected a table [rows, features], got [${table.shape.join(", ")}]`,
    );
  }
  return (
    runKernel<tf.Tensor>("SeedbedEmbedding", { table, ids }) ??
    tf.tidy(() => compose(table, ids.toInt()))
  );
}

/** TF.js's own gradient goes through all ids once for each row of the table. */
function compose(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const [rows = 1] = table.shape;
  const lookUp = tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    if (typeof save === "function") save([ids]);
    return {
      value: tf.gather(table, ids),
      gradFunc: (dy, [savedIds]) => embeddingGradient(dy, savedIds!, rows),
    };
  });
  return lookUp(table);
}

/**
 * Gradient of {@link embedding} by the table: the sum of the gradients of each row's uses, in
 * their order.
 *
 * Kernel `SeedbedEmbeddingGradient`: `{dy, ids}`, `{rows}` to `dtable`.
 *
 * @param dy `[..., features]`
 * @returns `[rows, features]`
 */
export function embeddingGradient(dy: tf.Tensor, ids: tf.Tensor, rows: number): tf.Tensor {
  return (
    runKernel<tf.Tensor>("SeedbedEmbeddingGradient", { dy, ids }, { rows }) ??
    tf.tidy(() => composeGradient(dy, ids, rows))
  );
}

function composeGradient(dy: tf.Tensor, ids: tf.Tensor, rows: number): tf.Tensor {
  const features = dy.shape.at(-1) ?? 1;
  const scatterAdd = tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.at(-1);
    if (typeof save === "function") save([ids]);
    const places = ids.reshape([ids.size, 1]);
    return {
      value: tf.scatterND(places, dy.reshape([ids.size, features]), [rows, features]),
      gradFunc: (dtable, [savedIds]) => embedding(dtable, savedIds!),
    };
  });
  return scatterAdd(dy);
}

tf.registerGradient({
  kernelName: "SeedbedEmbedding",
  inputsToSave: ["table", "ids"],
  gradFunc: (dy, [table, ids]) => ({
    table: () => embeddingGradient(firstGradient(dy), ids!, table!.shape[0] ?? 1),
  }),
});

tf.registerGradient({
  kernelName: "SeedbedEmbeddingGradient",
  inputsToSave: ["ids"],
  gradFunc: (ddtable, [ids]) => ({ dy: () => embedding(firstGradient(ddtable), ids!) }),
});
