import {
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
} from "../../../../framework/nn/ops/index.ts";
import * as loss from "../../../../framework/onnx/lowerings/loss.ts";
import {
  floats,
  ints,
  normal,
  parityTests,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

const cases: { title: string; logits: HostInput; labels: HostInput; ignoreIndex: number }[] = [
  { title: "one row", logits: normal([5]), labels: ints([3], []), ignoreIndex: -100 },
  {
    title: "an ignored label",
    logits: normal([4, 6]),
    labels: ints([0, 5, -100, 2]),
    ignoreIndex: -100,
  },
  {
    title: "an ignored class, rank 3",
    logits: normal([2, 2, 3]),
    labels: ints([0, 1, 2, 0], [2, 2]),
    ignoreIndex: 0,
  },
  {
    title: "a label that is no class",
    logits: normal([2, 3]),
    labels: ints([3, 1]),
    ignoreIndex: 7,
  },
  {
    title: "large logits",
    logits: floats([1e4, 0, -1e4, 3e38, 0, -3e38], [2, 3]),
    labels: ints([1, 0]),
    ignoreIndex: -100,
  },
];

parityTests(
  "loss.ts",
  loss,
  cases.flatMap(({ title, logits, labels, ignoreIndex }): Row[] => [
    {
      kernel: "SeedbedSoftmaxCrossEntropy",
      title,
      inputs: [logits, labels],
      run: (x, ids) => softmaxCrossEntropy(x!, ids!, { ignoreIndex }),
    },
    {
      kernel: "SeedbedSoftmaxCrossEntropyGradient",
      title,
      inputs: [normal(labels.shape, "dy"), logits, labels],
      run: (dy, x, ids) => softmaxCrossEntropyGradient(dy!, x!, ids!, ignoreIndex),
      gradient: true,
    },
  ]),
);
