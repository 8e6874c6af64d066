import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import {
  BackgroundTokenizer,
  mostCharactersAtOnce,
} from "../../../framework/tokenizers/backgroundTokenizer.ts";
import {
  openTokenizer,
  type OpenedTokenizer,
} from "../../../framework/tokenizers/loadTokenizer.ts";
import { errorOf } from "../../support/compiled.ts";

const folders = [
  "models/nano",
  "test/fixtures/nano/tokenizer-qwen2",
  "test/fixtures/nano/tokenizer-smollm2",
];

/** What no cut could be found in, or what a cut would change. */
const hard: Readonly<Record<string, string>> = {
  "one word without an end": "antidisestablishmentarianism".repeat(600),
  "spaces and line ends": `${" ".repeat(9000)}a${" \n\t \r\n".repeat(1500)}b `,
  "signs and digits": "?!'''--==12345 's'S'll'LL 1,000.00 ".repeat(500),
  "marks that are put on letters": "e\u0301o\u0308 \u0301\u0301 x\u0327\u0301".repeat(1500),
  "halves of pairs": "\uD83D\uDE00 \uD83D x\uDE00".repeat(2500),
  "reserved tokens, and what almost is one":
    "<|im_start|>user\nHi<|im_end|>\n<|im_start <tool_call>{}</tool_call> <|endoftext|>".repeat(
      220,
    ),
  "other scripts": "Größe 大きい ใหญ่ كبير большой ".repeat(600),
};

for (const folder of folders) {
  describe(`BackgroundTokenizer, with the tokenizer of ${folder}`, () => {
    let opened: OpenedTokenizer;
    let background: BackgroundTokenizer;
    before(() => {
      opened = openTokenizer(folder);
      background = new BackgroundTokenizer(opened);
    });
    after(() => background.close());

    for (const [name, text] of Object.entries(hard)) {
      it(`gives the same tokens of ${name}`, async () => {
        expect(text.length).to.be.above(mostCharactersAtOnce);
        const expected = opened.tokenizer.textIds(text);
        expect(await background.textIds([text])).to.deep.equal(expected);
      });
    }

    it("gives those of pieces one after the other, short or long", async () => {
      const texts = Object.values(hard);
      const short = texts.map((text) => text.slice(0, 50));
      for (const pieces of [short, texts, []]) {
        const expected = pieces.flatMap((piece) => opened.tokenizer.textIds(piece));
        expect(await background.textIds(pieces)).to.deep.equal(expected);
      }
    });
  });
}

describe("BackgroundTokenizer", () => {
  const long = "antidisestablishmentarianism".repeat(10_000);
  let background: BackgroundTokenizer;
  before(() => {
    background = new BackgroundTokenizer(openTokenizer("models/nano"));
  });
  after(() => background.close());

  it("lets timers go on while it works", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await background.textIds([long]);
    clearInterval(timer);
    expect(ticks).to.be.above(3);
  });

  it("keeps no short text waiting for a long one", async () => {
    const order: string[] = [];
    const first = background.textIds([long]).then(() => order.push("long"));
    const second = background.textIds(["Hi"]).then(() => order.push("short"));
    await Promise.all([first, second]);
    expect(order).to.deep.equal(["short", "long"]);
  });

  it("leaves out a text whose asker has gone before its turn", async () => {
    const left = new AbortController();
    const first = background.textIds([long]);
    const error = errorOf(background.textIds([long], left.signal));
    left.abort();
    expect((await error).name).to.equal("AbortError");
    expect(await first).to.have.length.above(0);
  });
});
