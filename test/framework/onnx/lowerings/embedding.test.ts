import { embedding, embeddingGradient } from "../../../../framework/nn/ops/index.ts";
import * as lowerings from "../../../../framework/onnx/lowerings/embedding.ts";
import { ints, normal, parityTests, type HostInput, type Row } from "../../../support/parity.ts";

const cases: { title: string; table: [number, number]; ids: HostInput }[] = [
  { title: "repeated ids", table: [4, 3], ids: ints([1, 3, 1, 1, 0, 3], [2, 3]) },
  { title: "one id", table: [5, 2], ids: ints([4], []) },
  { title: "one feature", table: [3, 1], ids: ints([2, 2, 0]) },
  { title: "one row", table: [1, 4], ids: ints([0, 0, 0], [3, 1, 1]) },
];

parityTests(
  "embedding.ts",
  lowerings,
  cases.flatMap(({ title, table, ids }): Row[] => [
    {
      kernel: "SeedbedEmbedding",
      title,
      inputs: [normal(table), ids],
      run: (x, i) => embedding(x!, i!),
    },
    {
      kernel: "SeedbedEmbeddingGradient",
      title,
      inputs: [normal([...ids.shape, table[1]], "dy"), ids],
      run: (dy, i) => embeddingGradient(dy!, i!, table[0]),
    },
  ]),
);
