import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError, readParameters, writePipelineComponent } from "seedbed";

import {
  newCaptionEncoder,
  readCaptionEncoder,
} from "../../../experiments/textToImage/textEncoder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const keys = {
  hidden_size: 4,
  intermediate_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  max_position_embeddings: 12,
};

describe("readCaptionEncoder()", () => {
  const temporary = temporaryFolder();

  it("reads what a text encoder was trained to, with the captions' words", async () => {
    const made = newCaptionEncoder(keys, 5);
    const { model, config } = made.textEncoder;
    const folder = temporary.path();
    const tensors = await readParameters(model.parameters);
    writePipelineComponent(folder, "text_encoder", { config, tensors }, { dtype: "F32" });
    const read = readCaptionEncoder(folder);
    expect(read.textEncoder.config).to.deep.equal(config);
    expect([...read.tokenizerFiles]).to.deep.equal([...made.tokenizerFiles]);
    for (const [name, values] of await readParameters(read.textEncoder.model.parameters)) {
      expect([...values.values], name).to.deep.equal([...tensors.get(name)!.values]);
    }
    model.dispose();
    read.textEncoder.model.dispose();
  });

  it("refuses a text encoder of other words", async () => {
    const made = newCaptionEncoder(keys, null);
    const { model, config } = made.textEncoder;
    const folder = temporary.path();
    const tensors = await readParameters(model.parameters);
    const table = "text_model.embeddings.token_embedding.weight";
    tensors.set(table, { values: new Float32Array(40), shape: [10, 4] });
    const other = { ...config, vocab_size: 10 };
    writePipelineComponent(folder, "text_encoder", { config: other, tensors }, { dtype: "F32" });
    expect(() => readCaptionEncoder(folder)).to.throw(InputError, "got 10");
    model.dispose();
  });
});
