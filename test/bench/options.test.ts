import { expect } from "chai";
import { describe, it } from "mocha";

import { readOptions, type Options } from "./options.ts";

function namesFor(...args: string[]): string[] {
  return selected(...args).workloads.map(({ name }) => name);
}

function selected(...args: string[]): Options {
  const options = readOptions(args);
  if (!options) throw new Error("expected options");
  return options;
}

describe("readOptions()", () => {
  it("selects the steps that do not take minutes", () => {
    expect(namesFor()).to.deep.equal(["autoencoder", "unet", "transformer", "sampling"]);
    expect(selected().engine).to.equal(false);
  });

  it("selects operations, the engine, or what is named, instead", () => {
    expect(namesFor("--ops")).to.include("1000 dependent additions of 64 elements");
    expect(namesFor("--ops")).to.not.include("unet");
    expect(namesFor("--engine")).to.deep.equal([]);
    expect(selected("--engine").engine).to.equal(true);
    expect(namesFor("--passes")).to.deep.equal([]);
    expect(selected("--passes").passes).to.equal(true);
    expect(namesFor("unet-sd")).to.deep.equal(["unet-sd"]);
  });

  it("selects everything for the page", () => {
    expect(namesFor("--write")).to.include.members([
      "unet-sd",
      "sampling-sd",
      "softmax 16 M elements",
    ]);
    expect(selected("--write").engine).to.equal(true);
    expect(selected("--all").engine).to.equal(true);
  });

  it("selects Stable Diffusion's own size when it is named", () => {
    const named = namesFor("stable-diffusion-full");
    expect(named).to.include.members(["sd-full-guided", "sd-full-train-checkpointed"]);
    expect(namesFor("sd-full-decode")).to.deep.equal(["sd-full-decode"]);
    expect(namesFor("--all")).to.not.include.members(["sd-full-decode"]);
  });

  it("selects what cached latents are worth, alone or beside steps", () => {
    expect(selected().caching).to.equal(false);
    expect(selected("dreambooth-caching").caching).to.equal(true);
    expect(namesFor("dreambooth-caching")).to.deep.equal([]);
    expect(namesFor("dreambooth-caching", "unet")).to.deep.equal(["unet"]);
  });

  it("reads who is compared", () => {
    expect(selected().peers).to.deep.equal(["pytorch", "tfjs-node", "wasm"]);
    expect(selected("--peers", "wasm,pytorch").peers).to.deep.equal(["pytorch", "wasm"]);
    expect(selected("--peers", "none").peers).to.deep.equal([]);
  });

  it("says what it cannot read", () => {
    expect(() => readOptions(["--peers", "jax"])).to.throw(
      'Cannot read --peers: expected none or some of pytorch,tfjs-node,wasm, got "jax"',
    );
    expect(() => readOptions(["--pairs", "0"])).to.throw("expected an integer >= 1");
    expect(() => readOptions(["nobody"])).to.throw('Cannot measure "nobody": expected one of');
  });
});
