import { openTorchCheckpoint } from "../../../framework/weights/torchCheckpoint.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { fixture, inFile } from "../scratch.ts";

const write = inFile("checkpoint", "model.ckpt");

/** PyTorch's checkpoints, whole. */
export const target: FuzzTarget = {
  name: "checkpoint",
  covers: ["framework/weights/"],
  mostBytes: 8192,
  seeds: ["lightning.ckpt", "callbacks.ckpt", "legacy.pt", "pytorch_model.bin"].map((name) =>
    fixture(`test/fixtures/torch/${name}`),
  ),
  words: [
    "PK\u0001\u0002",
    "PK\u0003\u0004",
    "PK\u0005\u0006",
    "PK\u0006\u0006",
    "data.pkl",
    "/data/0",
  ],
  run(input) {
    const { tensors, globalStep } = openTorchCheckpoint(write(input));
    return [...[...tensors.values()].map(({ values }) => values), globalStep];
  },
};
