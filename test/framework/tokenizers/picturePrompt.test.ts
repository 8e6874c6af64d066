import { expect } from "chai";
import { describe, it } from "mocha";

import { picturePrompt } from "../../../framework/tokenizers/picturePrompt.ts";

const options = { tokensPerFrame: 2, fakeToken: "|", imageToken: ".", globalToken: "G" };

describe("picturePrompt()", () => {
  it("stands for a whole picture", () => {
    expect(picturePrompt({ rows: 0, columns: 0 }, options)).to.equal("|G..|");
  });

  it("marks tiles by row and column, a line for each row, before the whole", () => {
    expect(picturePrompt({ rows: 2, columns: 1 }, options)).to.equal(
      "|<row_1_col_1>..\n|<row_2_col_1>..\n\n|G..|",
    );
  });
});
