const valuesSayHowMany = "how many results there are depends on values";
const noInputs = "has no inputs: a constant of a compiled function as it is";
const strings = "strings";

/** Kernels that are not lowered, with the reason. */
export const cpuKernels: Readonly<Record<string, string>> = {
  Draw: "draws on a canvas",
  LinSpace: noInputs,
  Multinomial: "its seed is an attribute: compiled, it would draw the same numbers at every call",
  NonMaxSuppressionV3: valuesSayHowMany,
  NonMaxSuppressionV5: valuesSayHowMany,
  RaggedGather: valuesSayHowMany,
  RaggedRange: valuesSayHowMany,
  RaggedTensorToTensor: valuesSayHowMany,
  Range: noInputs,
  SparseFillEmptyRows: valuesSayHowMany,
  SparseReshape: "the shapes that it checks are values",
  SparseSegmentMean: valuesSayHowMany,
  SparseSegmentSum: valuesSayHowMany,
  StaticRegexReplace: strings,
  StringNGrams: strings,
  StringSplit: strings,
  StringToHashBucketFast: strings,
  Unique: valuesSayHowMany,
};
