import { describe, it } from "mocha";

import { expectPublishedGradients } from "../../support/dreamBoothStep.ts";

describe("Unet and ClipTextEncoder", () => {
  it("have the published loss and gradients of a DreamBooth step", () => {
    expectPublishedGradients("tiny-sd-a"); // the larger set takes twice as long on this backend
  }).timeout(60_000);
});
