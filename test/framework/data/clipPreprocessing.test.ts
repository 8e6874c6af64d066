import { expect } from "chai";
import { describe, it } from "mocha";

import { clipPreprocessing } from "../../../framework/data/clipPreprocessing.ts";
import { clipJson, clipPictures, clipTensors } from "../../support/clip.ts";

describe("clipPreprocessing()", () => {
  const config = clipJson("preprocessor_config.json");

  it("prepares pictures of any form as transformers does", () => {
    const golden = clipTensors("golden.safetensors").get("pixels")!.values;
    const prepare = clipPreprocessing(config, 28);
    for (const [i, picture] of clipPictures.entries()) {
      const { shape, values } = prepare(picture);
      expect(shape).to.deep.equal([3, 28, 28]);
      values.forEach((value, at) =>
        expect(value, `picture ${i}, ${at}`).to.be.closeTo(golden[i * values.length + at]!, 1e-6),
      );
    }
  });

  it("takes the older notation, in which sizes are numbers, and CLIP's own values by default", () => {
    const older = clipPreprocessing({ size: 28, crop_size: 28 }, 28);
    const { values } = clipPreprocessing(config, 28)(clipPictures[0]!);
    expect([...older(clipPictures[0]!).values]).to.deep.equal([...values]);
  });

  const wrong: { key: string; value: unknown; message: string }[] = [
    { key: "resample", value: 2, message: '"resample": expected 3, the bicubic filter, got 2' },
    { key: "do_normalize", value: false, message: '"do_normalize": expected true, got false' },
    { key: "rescale_factor", value: 1, message: '"rescale_factor": expected 1/255, got 1' },
    { key: "image_mean", value: [1, 2], message: '"image_mean": expected three numbers' },
    { key: "size", value: { width: 28 }, message: '"size": expected pixels' },
    { key: "crop_size", value: 24, message: '"crop_size": expected the model\'s 28 pixels' },
  ];
  for (const { key, value, message } of wrong) {
    it(`refuses ${key} ${JSON.stringify(value)}`, () => {
      expect(() => clipPreprocessing({ ...config, [key]: value }, 28)).to.throw(
        RangeError,
        `Cannot prepare pictures for CLIP: key ${message}`,
      );
    });
  }
});
