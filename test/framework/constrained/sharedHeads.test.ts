import { expect } from "chai";
import { describe, it } from "mocha";

import { jsonCharacter } from "../../../framework/constrained/characters.ts";
import { Expressions } from "../../../framework/constrained/expressions.ts";
import { numberMachine } from "../../../framework/constrained/machines/numberMachine.ts";
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

  it("knows numbers of the same bounds again, whatever their digits", () => {
    const heads = new SharedHeads(vocabulary.trie);
    const bytesAfter = (text: string): number => {
      const make = new Expressions();
      let state = make.machine(numberMachine({ maximum: 500, isInteger: false }));
      for (const byte of Buffer.from(text)) {
        heads.of([state]);
        state = make.derivative(state, byte);
      }
      return heads.bytes;
    };
    const once = bytesAfter("31.4159");
    expect(bytesAfter("27.1828")).to.equal(once);
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
