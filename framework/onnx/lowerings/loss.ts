/** @file Softmax cross entropy and its gradient. The export name is the kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

interface CrossEntropyAttributes {
  ignoreIndex: number;
}

/** Which labels are classes, and which are to be ignored. */
function readLabels(
  builder: GraphBuilder,
  labels: GraphValue,
  classes: number,
  ignoreIndex: number,
): { isClass: GraphValue; isIgnored: GraphValue; places: GraphValue } {
  const int = (value: number): GraphValue => builder.scalar(value, "int32");
  const notBelow = builder.binary("GreaterOrEqual", labels, int(0), "bool");
  const notAbove = builder.binary("Less", labels, int(classes), "bool");
  const isClass = builder.binary("And", notBelow, notAbove);
  const places = builder.where(isClass, labels, int(0));
  return {
    isClass,
    isIgnored: builder.binary("Equal", labels, int(ignoreIndex), "bool"),
    places: builder.reshape(places, [...labels.shape, 1]),
  };
}

/** `values` where the label is a class, 0 where it is ignored, else NaN. */
function maskLabels(
  builder: GraphBuilder,
  values: GraphValue,
  { isClass, isIgnored }: { isClass: GraphValue; isIgnored: GraphValue },
): GraphValue {
  const checked = builder.where(isClass, values, builder.scalar(NaN));
  return builder.where(isIgnored, builder.scalar(0), checked);
}

/** `logits [..., classes]`, `labels [...]`. Output: the loss of each label. */
export const SeedbedSoftmaxCrossEntropy: Lowering<CrossEntropyAttributes> = (
  builder,
  { logits, labels },
  { ignoreIndex },
) => {
  if (labels!.dtype !== "int32") return undefined;
  const read = readLabels(builder, labels!, logits!.shape.at(-1)!, ignoreIndex);
  const all = builder.unary("LogSoftmax", logits!, { axis: -1 });
  const output = { shape: read.places.shape, dtype: all.dtype };
  const picked = builder.node("GatherElements", [all, read.places], output, { axis: -1 });
  const losses = builder.unary("Neg", builder.reshape(picked, labels!.shape));
  return maskLabels(builder, losses, read);
};

/** Subtracts one at each row's label by a scatter, of which each row gets a single element. */
export const SeedbedSoftmaxCrossEntropyGradient: Lowering<CrossEntropyAttributes> = (
  builder,
  { dy, logits, labels },
  { ignoreIndex },
) => {
  if (labels!.dtype !== "int32") return undefined;
  const read = readLabels(builder, labels!, logits!.shape.at(-1)!, ignoreIndex);
  const probabilities = builder.unary("Softmax", logits!, { axis: -1 });
  const minusOne = builder.fill(read.places.shape, -1, "float32");
  const attributes = { axis: -1, reduction: "add" };
  const inputs = [probabilities, read.places, minusOne];
  const difference = builder.node("ScatterElements", inputs, probabilities, attributes);
  const weight = builder.reshape(maskLabels(builder, dy!, read), read.places.shape);
  return builder.mul(difference, weight);
};
