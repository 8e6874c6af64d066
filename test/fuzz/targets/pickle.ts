import path from "node:path";

import { openTorchCheckpoint } from "../../../framework/weights/torchCheckpoint.ts";
import { openZip } from "../../../framework/weights/zipArchive.ts";
import { zipBytes } from "../../support/zipBytes.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { inFile } from "../scratch.ts";

const write = inFile("pickle", "model.ckpt");
const fixtures = path.resolve(import.meta.dirname, "../../fixtures/torch");

function pickleOf(name: string): Uint8Array {
  const entries = openZip(path.join(fixtures, name));
  return entries.get([...entries.keys()].find((each) => each.endsWith("data.pkl"))!)!.read();
}

/** Storages of the first seed, whose lengths are checked. */
const storages = Object.fromEntries(
  [...openZip(path.join(fixtures, "lightning.ckpt"))].flatMap(([name, entry]) => {
    const key = /\/data\/(\d+)$/.exec(name)?.[1];
    return key === undefined ? [] : [[`archive/data/${key}`, entry.read()]];
  }),
);

/** The pickle within a checkpoint whose archive is whole. */
export const target: FuzzTarget = {
  name: "pickle",
  covers: ["framework/weights/pickle", "framework/weights/torchCheckpoint"],
  seeds: ["lightning.ckpt", "callbacks.ckpt", "pytorch_model.bin"].map(pickleOf),
  words: [
    ...[
      "ctorch\nFloatStorage\n",
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "cos\nsystem\n",
      "(S'x'\ntR.",
    ],
    ...[
      "ccollections\nOrderedDict\n)R",
      "\u0085",
      "(",
      "t",
      "R",
      "Q",
      "u",
      "s",
      "}",
      "]",
      "e",
      "b",
      ".",
    ],
    ...[
      "X\u0007\u0000\u0000\u0000storage",
      "X\u0001\u0000\u0000\u00000",
      "K\u0001",
      "M\u0000\u0001",
      "q\u0000",
      "h\u0000",
    ],
  ],
  run(input) {
    const file = write(zipBytes({ "archive/data.pkl": input, ...storages }));
    const { tensors, globalStep } = openTorchCheckpoint(file);
    return [...[...tensors.values()].map(({ values }) => values), globalStep];
  },
};
