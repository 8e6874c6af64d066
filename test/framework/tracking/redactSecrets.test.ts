import { expect } from "chai";
import { describe, it } from "mocha";

import { redactSecrets } from "../../../framework/tracking/redactSecrets.ts";

describe("redactSecrets()", () => {
  it("takes the values of keys and tokens out of a text", () => {
    const environment = {
      WANDB_API_KEY: "0123456789abcdef",
      HF_TOKEN: "hf_0123456789abcd",
      EMPTY_TOKEN: "",
      USER: "somebody",
    };
    const text = "run --key 0123456789abcdef --user somebody hf_0123456789abcd";
    expect(redactSecrets(text, environment)).to.equal(
      "run --key [redacted] --user somebody [redacted]",
    );
  });
});
