import { expect } from "chai";

import { checkpointTemplate } from "../../../framework/training/checkpointTemplate.ts";

describe("checkpointTemplate()", () => {
  const values = {
    epoch: 3,
    step: 120,
    acc: 0.0278,
    "val/loss": 12.345,
    "val/nan": NaN,
    reward: -1.5,
  };
  const table: [template: string, withNames: string, without: string][] = [
    ["{epoch}-{step}", "epoch=3-step=120", "3-120"],
    ["{epoch:03d}-{acc:.2f}", "epoch=003-acc=0.03", "003-0.03"],
    ["{epoch:03d}-{val/loss:.2f}", "epoch=003-val_loss=12.35", "003-12.35"],
    ["best-{val/loss}", "best-val_loss=12.345", "best-12.345"],
    ["{acc:.1e}", "acc=2.8e-02", "2.8e-02"],
    ["{val/loss:08.3f}", "val_loss=0012.345", "0012.345"],
    ["{reward:07.2f}", "reward=-001.50", "-001.50"],
    ["{unknown:.1f}", "unknown=0.0", "0.0"],
    ["{val/nan:.2f}", "val_nan=NaN", "NaN"],
    ["model", "model", "model"],
  ];
  for (const [template, withNames, without] of table) {
    it(`renders ${template}`, () => {
      expect(checkpointTemplate(template)(values)).to.equal(withNames);
      expect(checkpointTemplate(template, false)(values)).to.equal(without);
    });
  }

  for (const template of ["", ".hidden", "a/b", String.raw`a\b`, "{step", "step}", "a:b"]) {
    it(`refuses "${template}"`, () => {
      expect(() => checkpointTemplate(template)).to.throw(`name "${template}": expected letters`);
    });
  }

  it("refuses a format it does not know", () => {
    expect(() => checkpointTemplate("{epoch:>3}")).to.throw(
      'expected a format such as 03d, .2f or .1e, got ">3"',
    );
  });
});
