import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

import { toTensor, type HostTensor } from "../../../../framework/base/hostTensor.ts";
import type { DecoderOutput } from "../../../../framework/models/decoder.ts";
import { checkImageTokens, type Idefics3 } from "../../../../framework/models/idefics3.ts";
import type { ImageFrames } from "../../../../framework/models/imageFrames.ts";
import { framePositions } from "../../../../framework/models/patchPositions.ts";
import type { ParityTest } from "../../parityCheck.ts";
import { isIdefics3Folder, withIdefics3 } from "../idefics3Folder.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Float32 sums in another order, through both towers. */
const tolerance = 1e-4;

/** Language models that see pictures: each part, several pictures, padding, a text in chunks. */
export const idefics3: NanoCheck = {
  title: "Idefics3",
  tests: (folder) => (isIdefics3Folder(folder) ? testsOf(folder) : []),
};

function testsOf(folder: NanoFolder): ParityTest[] {
  return [
    { title: "has the published features of a picture", run: () => features(folder) },
    { title: "has the published logits of a text with a picture", run: () => single(folder) },
    { title: "has those of several pictures and padded texts", run: () => batch(folder) },
    { title: "has those of a picture with padding", run: () => partial(folder) },
    { title: "puts patches into the published places", run: () => positions(folder) },
    {
      title: "computes the end of a text after its pictures as at once",
      run: () => inChunks(folder),
    },
  ];
}

/** What `forward` takes of pictures, as tensors. */
function inputsOf({ pixels, patchMask, patchPositions }: ImageFrames): {
  pixels: tf.Tensor;
  patchMask: tf.Tensor | undefined;
  patchPositions: tf.Tensor | undefined;
} {
  return {
    pixels: toTensor(pixels),
    patchMask: patchMask && toTensor(patchMask),
    patchPositions: patchPositions && toTensor(patchPositions),
  };
}

function framesOf(
  folder: NanoFolder,
  model: Idefics3,
  name: string,
  mask?: HostTensor,
): ImageFrames {
  const frames = model.frames(folder.golden().host(`${name}.pixel_values`), mask);
  const expected = frames.pixels.shape[0]! * model.tokensPerFrame;
  checkImageTokens(folder.golden().host(`${name}.input_ids`), model.config, expected);
  return frames;
}

async function features(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  await withIdefics3(folder, async (model) => {
    expect(model.tokensPerFrame).to.equal(folder.recorded["image_seq_len"]);
    const output = model.imageFeatures(inputsOf(framesOf(folder, model, "A")));
    await golden.compareTensor("A.vision_embed", output.embedded, tolerance);
    await golden.compareTensor("A.vision_last_hidden", output.lastHiddenState, tolerance);
    await golden.compareTensor("A.pixel_shuffled", output.shuffled, tolerance);
    await golden.compareTensor("A.connector", output.features, tolerance);
  });
}

async function single(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  await withIdefics3(folder, async (model) => {
    const images = inputsOf(framesOf(folder, model, "A"));
    const { logits } = model.forward({ ids: golden.tensor("A.input_ids"), ...images });
    await golden.compareTensor("A.logits", logits, tolerance);
  });
}

async function batch(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  const [ids, mask] = [golden.tensor("B.input_ids"), golden.tensor("B.attention_mask")];
  await withIdefics3(folder, async (model) => {
    const frames = framesOf(folder, model, "B");
    expect(frames.pixels.shape[0], "frames that are not zero").to.equal(4);
    for (const at of [golden.tensor("B.position_ids"), undefined]) {
      const { logits } = model.forward({ ids, mask, positions: at, ...inputsOf(frames) });
      const difference = logits.sub(golden.tensor("B.logits")).abs().max(-1).mul(mask.toFloat());
      const [largest] = await difference.max().data();
      expect(largest, "largest difference of B.logits").to.be.at.most(tolerance);
    }
  });
}

async function partial(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  await withIdefics3(folder, async (model) => {
    const mask = golden.host("C.pixel_attention_mask");
    expect(extentOf(mask)).to.deep.equal(folder.recorded["C.valid_hw"]);
    const frames = framesOf(folder, model, "C", mask);
    const { logits } = model.forward({ ids: golden.tensor("C.input_ids"), ...inputsOf(frames) });
    await golden.compareTensor("C.logits", logits, tolerance);
    expect([...frames.patchPositions!.values]).to.deep.equal([
      ...golden.host("posids.partial").values,
    ]);
  });
}

/** Height and width of what a picture's mask leaves, which is at the top left. */
function extentOf({ shape, values }: HostTensor): [height: number, width: number] {
  const width = shape.at(-1)!;
  const ones = [...values.keys()].filter((i) => values[i] !== 0);
  const last = (places: readonly number[]): number => Math.max(...places) + 1;
  return [last(ones.map((i) => Math.floor(i / width))), last(ones.map((i) => i % width))];
}

async function positions(folder: NanoFolder): Promise<void> {
  await withIdefics3(folder, async ({ vision: { side } }) => {
    const places = framePositions({ rows: side, columns: side, side });
    expect([...places]).to.deep.equal([...folder.golden().host("posids.full").values]);
    expect(places.every((place, i) => place === i)).to.equal(
      folder.recorded["posids.full_is_arange"],
    );
    const large = framePositions({ rows: 32, columns: 32, side: 32 });
    expect(large.every((place, i) => place === i)).to.equal(
      folder.recorded["posids.32x32_identity"],
    );
  });
}

async function inChunks(folder: NanoFolder): Promise<void> {
  const golden = folder.golden();
  const own = folder.recorded["A.incremental_max_abs_diff"];
  expect(own, "the reference's own difference").to.be.within(0, tolerance);
  await withIdefics3(folder, async (model) => {
    const ids = golden.tensor("A.input_ids");
    const end = 5;
    const parts = tf.split(ids, [ids.shape[1]! - end, 1, end - 1], 1);
    const images = inputsOf(framesOf(folder, model, "A"));
    const outputs: DecoderOutput[] = [];
    for (const [i, part] of parts.entries()) {
      const cache = outputs.at(-1)?.cache;
      outputs.push(model.forward({ ids: part, cache, ...(i === 0 && images) }));
    }
    const logits = tf.concat(
      outputs.map((output) => output.logits),
      1,
    );
    await golden.compareTensor("A.logits", logits, tolerance);
  });
}
