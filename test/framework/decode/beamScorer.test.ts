import { expect } from "chai";
import { describe, it } from "mocha";

import { beamScorer } from "../../../framework/decode/beamScorer.ts";
import { beamSearch } from "../../../framework/decode/beamSearch.ts";
import { errorOf } from "../../support/compiled.ts";
import { nanoEngine, nanoGolden } from "./nanoEngine.ts";

describe("beamScorer()", () => {
  const expected = [...nanoGolden("smollm2-tiny", "beam4").values];
  const prompt = [...nanoGolden("smollm2-tiny", "greedy").values].slice(0, 6);
  const maxNewTokens = expected.length - prompt.length;

  it("searches in the engine's rows as the reference does", async () => {
    const engine = nanoEngine("smollm2-tiny", { rows: 4 });
    const search = { prompt, beams: 4, maxNewTokens };
    expect(await beamSearch(beamScorer(engine), search)).to.deep.equal(expected);
    expect(await beamSearch(beamScorer(engine), search)).to.deep.equal(expected);
    await engine.dispose();
  });

  it("asks for as many rows as there are beams", async () => {
    const engine = nanoEngine("smollm2-tiny", { rows: 3 });
    const search = beamSearch(beamScorer(engine), { prompt, beams: 4, maxNewTokens });
    expect((await errorOf(search)).message).to.equal(
      "Cannot search 4 beams: the engine has 3 rows; make it with more",
    );
    await engine.dispose();
  });
});
