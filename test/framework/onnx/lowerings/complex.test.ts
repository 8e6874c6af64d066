import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { useBackend } from "../../../../framework/backend/register.ts";
import * as complex from "../../../../framework/onnx/lowerings/complex.ts";
import {
  floats,
  ints,
  normal,
  onOrt,
  parityTests,
  tensorOf,
  type HostInput,
  type Row,
} from "../../../support/parity.ts";

type Transform = (x: tf.Tensor) => tf.Tensor;

/** Through real parts, which all can be compared. */
const parts = (z: tf.Tensor): tf.Tensor[] => [tf.real(z), tf.imag(z)];

const row = (kernel: string, title: string, inputs: HostInput[], rest: Partial<Row> = {}): Row => ({
  kernel,
  title,
  inputs,
  run: (a, b) => parts(tf.complex(a!, b!)),
  ...rest,
});

const basics = ["Complex", "Real", "Imag"].flatMap((kernel): Row[] => [
  row(kernel, "rank 0", [floats([1], []), floats([2], [])]),
  row(kernel, "rank 3", [normal([2, 3, 4]), normal([2, 3, 4], "imag")]),
  row(kernel, "reshaped", [normal([2, 6]), normal([2, 6], "imag")], {
    run: (a, b) => parts(tf.complex(a!, b!).reshape([3, 4])),
  }),
]);
basics.push(row("Complex", "int32", [ints([1, 2]), ints([3, 4])]));

const lengths = [
  [normal([2, 3]), normal([2, 3], "imag")],
  [floats([3e30, 1e-30, 0, Infinity, NaN]), floats([-4e30, 1e-30, 0, NaN, 1])],
].map(([real, imag], i): Row => ({
  kernel: "ComplexAbs",
  title: i === 0 ? "rank 2" : "large, small and infinite",
  inputs: [real!, imag!],
  run: (a, b) => tf.abs(tf.complex(a!, b!)),
  gradient: false, // TF.js's is that of a complex number's real part
}));

/** TF.js rounds to float32 after each of its steps. */
const tolerance = 1e-4;
const transforms: [string, Transform][] = [
  ["FFT", tf.spectral.fft],
  ["IFFT", tf.spectral.ifft],
];
const fouriers = transforms.flatMap(([kernel, transform]) =>
  [[1], [8], [7], [2, 64], [3, 2, 30], [1, 1000], [1024]].map((shape): Row => ({
    kernel,
    title: `[${shape.join()}]`,
    inputs: [normal(shape), normal(shape, "imag")],
    run: (a, b) => parts(transform(tf.complex(a!, b!))),
    tolerance,
  })),
);
const reals: Row[] = [
  {
    kernel: "FFT",
    title: "of real numbers",
    inputs: [normal([2, 16])],
    run: (x) => parts(tf.spectral.rfft(x!)),
    tolerance,
  },
  {
    kernel: "FFT",
    title: "of windows",
    inputs: [normal([40])],
    run: (x) => parts(tf.signal.stft(x!.as1D(), 8, 4)),
    tolerance,
  },
];

parityTests("complex.ts", complex, [...basics, ...lengths, ...fouriers, ...reals]);

describe("complex numbers", () => {
  onOrt();
  it("compile, whether from outside, constant or computed", async () => {
    const { compile } = await useBackend("ort");
    const outside = tf.complex([0, 1], [1, 0]);
    const spectrum = compile(({ x }: { x: tf.Tensor }) => {
      const constant = tf.complex([1, 0], [0, 1]);
      const back = tf.spectral.ifft(tf.spectral.fft(tf.complex(x, x.neg())));
      return {
        outside: tf.abs(tf.spectral.fft(outside)),
        constant: tf.imag(tf.spectral.fft(constant)),
        imaginary: tf.imag(back),
      };
    });
    const x = tf.tensor1d([2, 4]);
    const { outside: length, constant, imaginary } = await spectrum({ x });
    expect([...length.dataSync()].map((each) => each.toFixed(4))).to.deep.equal([
      "1.4142",
      "1.4142",
    ]);
    expect([...constant.dataSync()]).to.deep.equal([1, -1]);
    expect([...imaginary.dataSync()]).to.deep.equal([-2, -4]);
    spectrum.dispose();
    tf.dispose([x, outside, length, constant, imaginary]);
  });

  it("are computed when they are read themselves", () => {
    const z = tf.tidy(() => tf.spectral.fft(tf.complex(tensorOf(floats([1, 2])), [0, 1])));
    expect([...z.dataSync()]).to.deep.equal([3, 1, -1, -1]);
    z.dispose();
  });
});
