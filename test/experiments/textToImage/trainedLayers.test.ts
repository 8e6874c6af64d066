import { expect } from "chai";
import { describe, it } from "mocha";
import type { NamedVariables } from "seedbed";

import { frozenLayers, trainedLayers } from "../../../experiments/textToImage/trainedLayers.ts";
import { toyModule } from "../../support/toyTraining.ts";

describe("trainedLayers()", () => {
  const module = toyModule();
  const parameters = module.trainableParameters();
  module.dispose(); // names are all that counts here
  const parts = { unet: parameters, text_encoder: parameters };
  const names = (map: NamedVariables): string[] => [...map.keys()];

  it("has all, some or none of a part's layers, by the part's name, and the rest is frozen", () => {
    const trained = trainedLayers(parts, { unet: ["output", "hidden.bias"], text_encoder: false });
    expect(names(trained)).to.deep.equal([
      "unet.hidden.bias",
      "unet.output.weight",
      "unet.output.bias",
    ]);
    expect(names(frozenLayers(parts, trained))).to.deep.equal([
      "unet.hidden.weight",
      "text_encoder.hidden.weight",
      "text_encoder.hidden.bias",
      "text_encoder.output.weight",
      "text_encoder.output.bias",
    ]);
  });

  it("has every layer in the parts' order", () => {
    const trained = trainedLayers(parts, { unet: true, text_encoder: true });
    expect(names(trained)).to.have.length(8);
    expect(names(trained)[4]).to.equal("text_encoder.hidden.weight");
    expect(frozenLayers(parts, trained).size).to.equal(0);
  });
});
