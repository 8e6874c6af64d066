import path from "node:path";

import * as tf from "@tensorflow/tfjs";

import { recordProgram, type RecordedProgram } from "../../backend/recordProgram.ts";
import { ortBackend } from "../../backend/register.ts";
import { InputError } from "../../base/errors.ts";
import { toTensors } from "../../base/hostTensor.ts";
import { StagedFolder } from "../../base/stagedFolder.ts";
import type { ExportDtype } from "../../export/exportPipeline.ts";
import { writeOnnxSettings } from "../../export/writeOnnxSettings.ts";
import type { GraphValue } from "../../graph/graph.ts";
import { withUndividedAttention } from "../../nn/ops/index.ts";
import type { Lengths } from "../../onnx/lengths.ts";
import type { ModelWeight } from "../../onnx/modelProto.ts";
import { withVaryingShapes, type SizedProgram } from "../../onnx/varyingShapes.ts";
import { writeModel } from "../../onnx/writeModel.ts";
import type { PipelineComponents } from "../../pipelines/pipelineComponents.ts";
import { floatsToHalves, halvesToFloats } from "../../weights/half.ts";
import { checkOnnx } from "./checkOnnx.ts";
import { onnxComponents, type OnnxComponent } from "./onnxComponents.ts";
import { onnxInputs } from "./onnxInputs.ts";

export interface ExportOnnxOptions {
  /** Of the weights; everything is computed in float32. */
  dtype: ExportDtype;
  print: (line: string) => void;
  /** As for `writeModel`. */
  largest?: number;
}

/**
 * Writes each model of a pipeline as ONNX, in the folder layout of diffusers and Optimum, whole or
 * not at all: batch, picture and, for the UNet, text may have any size that each level halves
 * evenly. Each file is run by ONNX Runtime as a user would, and compared with what the model gives
 * here. A folder of that name is replaced.
 *
 * @param components whose weights are rounded for `float16`
 * @throws {Error} when a file gives something else than its model
 */
export async function exportOnnx(
  folder: string,
  components: PipelineComponents,
  { dtype, print, largest }: ExportOnnxOptions,
): Promise<void> {
  const staged = new StagedFolder(folder);
  try {
    for (const component of onnxComponents(components)) {
      if (dtype === "float16") roundWeights(component);
      const file = path.join(staged.path, component.name, "model.onnx");
      writeComponent(file, component, dtype, largest);
      print(`${component.name}: ${await checkOnnx(file, component)}`);
    }
    writeOnnxSettings(staged.path, components);
    staged.commit();
  } finally {
    staged.discard();
  }
}

/** To the nearest numbers that half precision holds. */
function roundWeights({ name, parameters }: OnnxComponent): void {
  for (const [parameter, variable] of parameters) {
    const rounded = halvesToFloats(floatsToHalves(variable.dataSync<"float32">()));
    if (!rounded.every(Number.isFinite)) {
      throw new InputError(
        `Cannot export ${name} in float16: ${parameter} holds a value beyond its range; export float32`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(rounded, variable.shape)));
  }
}

function writeComponent(
  file: string,
  component: OnnxComponent,
  dtype: ExportDtype,
  largest: number | undefined,
): void {
  const { inputs, outputs } = component;
  const sizes = sizesToRecord(component.lengths);
  const recorded = sizes.map((lengths) => recordAt(component, lengths));
  const { graph, variables, ...base } = recorded[0]!;
  const sized = recorded.map(({ program }, i): SizedProgram => ({ program, lengths: sizes[i]! }));
  const program = withVaryingShapes(sized[0]!, sized.slice(1), {
    graph,
    sources: sourcesOf(component, base),
  });
  const dims = new Map([
    ...[...base.inputs].map(([name, value]) => [value, inputs[name]!.axes] as const),
    ...base.outputNames.map((name, i) => [program.outputs[i]!, outputs[name]!] as const),
  ]);
  writeModel(file, program, {
    inputNames: [...base.inputs.keys()],
    outputNames: base.outputNames,
    dims,
    weights: weightsOf(component, variables, dtype),
    ...(largest !== undefined && { largest }),
  });
}

/** The given lengths, then each doubled, then others to check with. */
function sizesToRecord(lengths: Lengths): Lengths[] {
  const names = Object.keys(lengths);
  const scaled = (factor: (name: string) => number): Lengths =>
    Object.fromEntries(names.map((name) => [name, lengths[name]! * factor(name)]));
  return [
    lengths,
    ...names.map((doubled) => scaled((name) => (name === doubled ? 2 : 1))),
    scaled(() => 3),
  ];
}

function recordAt(component: OnnxComponent, lengths: Lengths): RecordedProgram {
  const inputs = toTensors(Object.fromEntries(onnxInputs(component, lengths)));
  try {
    return recordProgram(
      ortBackend("ort"),
      (given) => withUndividedAttention(() => tf.tidy(() => component.compute(given))),
      inputs,
    );
  } finally {
    tf.dispose(inputs);
  }
}

function sourcesOf(
  { inputs, lengths }: OnnxComponent,
  recorded: Pick<RecordedProgram, "inputs">,
): Record<string, { input: GraphValue; axis: number }> {
  return Object.fromEntries(
    Object.keys(lengths).map((length) => {
      const [name, { axes }] = Object.entries(inputs).find(([, each]) =>
        each.axes.includes(length),
      )!;
      return [length, { input: recorded.inputs.get(name)!, axis: axes.indexOf(length) }];
    }),
  );
}

/** Those that the program reads, under their published names. */
function weightsOf(
  { parameters }: OnnxComponent,
  variables: RecordedProgram["variables"],
  dtype: ExportDtype,
): Map<GraphValue, ModelWeight & { data: Uint8Array }> {
  const weights = new Map<GraphValue, ModelWeight & { data: Uint8Array }>();
  for (const [name, variable] of parameters) {
    const value = variables.get(variable);
    if (!value) continue;
    const floats = variable.dataSync<"float32">();
    const stored = dtype === "float16" ? floatsToHalves(floats) : floats;
    const data = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    weights.set(value, { name, dtype, data });
  }
  return weights;
}
