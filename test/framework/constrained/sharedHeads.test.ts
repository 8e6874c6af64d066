import { expect } from "chai";
import { describe, it } from "mocha";

import { jsonCharacter } from "../../../framework/constrained/characters.ts";
import { Expressions } from "../../../framework/constrained/expressions.ts";
import { SharedHeads, type Head } from "../../../framework/constrained/sharedHeads.ts";
import { entries, vocabulary } from "./drawText.ts";

/** Of so many characters of a JSON string, made anew each time. */
function headOf(heads: SharedHeads, characters: number): Head {
  const make = new Expressions();
  const head = heads.of([make.repeat(jsonCharacter(make), characters, characters)]);
  return head ?? expect.fail("expected what is shared");
}

/** Which tokens need how many bytes, and where it may be over. */
const contentOf = ({ groups, exits, isNullable }: Head): object => ({
  groups: groups.map(({ needed, tokens }) => ({
    needed,
    tokens: [...entries.keys()].filter((token) => tokens.has(token)),
  })),
  ...{ exits: [...exits], isNullable },
});

describe("SharedHeads", () => {
  it("walks once through what is equal, whoever has made it", () => {
    const heads = new SharedHeads(vocabulary.trie);
    expect(headOf(heads, 3)).to.equal(headOf(heads, 3));
    expect(headOf(heads, 4)).not.to.equal(headOf(heads, 3));
  });

  it("keeps what there is memory for, and finds the same again", () => {
    const mostBytes = 200_000;
    const heads = new SharedHeads(vocabulary.trie, { mostBytes });
    const first = headOf(heads, 1);
    for (let characters = 2; characters < 100; characters++) {
      headOf(heads, characters);
      expect(heads.bytes).to.be.below(1.5 * mostBytes); // which is looked at before each
    }
    const again = headOf(heads, 1);
    expect(again).not.to.equal(first);
    expect(contentOf(again)).to.deep.equal(contentOf(first));
  });
});
