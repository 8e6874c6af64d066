import {
  groupNorm,
  groupNormGradient,
  groupStatistics,
  inverseRms,
  layerNorm,
  layerNormGradient,
  layerStatistics,
  rmsNorm,
  rmsNormGradient,
} from "../../../../framework/nn/ops/index.ts";
import * as normalization from "../../../../framework/onnx/lowerings/normalization.ts";
import { normal, parityTests, uniform, type HostInput, type Row } from "../../../support/parity.ts";

const groupCases = [
  { shape: [2, 4, 3, 5], groups: 2 },
  { shape: [1, 4, 2, 2], groups: 4 },
  { shape: [3, 6, 4, 4], groups: 1 },
  { shape: [2, 4, 7], groups: 2 },
];

function affine(features: number): [HostInput, HostInput] {
  return [uniform([features], 0.5, 1.5, "scale"), normal([features], "offset")];
}

const groupRows = groupCases.flatMap(({ shape, groups }) =>
  (["none", "silu"] as const).flatMap((activation): Row[] => {
    const options = { groups, epsilon: 1e-5, activation };
    const title = `[${shape.join(", ")}] in ${groups}, activation ${activation}`;
    const inputs = [normal(shape), ...affine(shape[1]!)];
    return [
      {
        kernel: "SeedbedGroupNorm",
        title,
        inputs,
        run: (x, scale, offset) => groupNorm(x!, scale!, offset!, options),
      },
      {
        kernel: "SeedbedGroupNormGradient",
        title,
        inputs: [normal(shape, "dy"), ...inputs],
        run: (dy, x, scale, offset) => {
          const statistics = groupStatistics(x!, groups, options.epsilon);
          const saved = { x: x!, scale: scale!, offset: offset!, ...statistics };
          return groupNormGradient(dy!, saved, options);
        },
        gradient: activation !== "none", // the offset would have no part in it
      },
    ];
  }),
);

const lastAxisShapes = [[8], [3, 8], [2, 3, 8], [1, 2, 3, 4], [2, 1, 2, 1, 5]];

const layerRows = lastAxisShapes.flatMap((shape): Row[] => {
  const title = `[${shape.join(", ")}]`;
  const inputs = [normal(shape), ...affine(shape.at(-1)!)];
  return [
    {
      kernel: "SeedbedLayerNorm",
      title,
      inputs,
      run: (x, scale, offset) => layerNorm(x!, scale!, offset!, { epsilon: 1e-5 }),
    },
    {
      kernel: "SeedbedLayerNormGradient",
      title,
      inputs: [normal(shape, "dy"), ...inputs.slice(0, 2)],
      run: (dy, x, scale) =>
        layerNormGradient(
          dy!,
          { x: x!, scale: scale!, ...layerStatistics(x!, 1e-5) },
          { epsilon: 1e-5 },
        ),
      gradient: true,
    },
  ];
});

const rmsRows = lastAxisShapes.flatMap((shape): Row[] => {
  const title = `[${shape.join(", ")}]`;
  const inputs = [normal(shape), affine(shape.at(-1)!)[0]];
  return [
    {
      kernel: "SeedbedRmsNorm",
      title,
      inputs,
      run: (x, scale) => rmsNorm(x!, scale!, { epsilon: 1e-5 }),
    },
    {
      kernel: "SeedbedRmsNormGradient",
      title,
      inputs: [normal(shape, "dy"), ...inputs],
      run: (dy, x, scale) => {
        const saved = { x: x!, scale: scale!, inverseRms: inverseRms(x!, 1e-5) };
        return rmsNormGradient(dy!, saved, { epsilon: 1e-5 });
      },
      gradient: true,
    },
  ];
});

parityTests("normalization.ts", normalization, [...groupRows, ...layerRows, ...rmsRows]);
