import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { Constraint } from "../../../framework/constrained/constraint.ts";
import { ConstraintError } from "../../../framework/constrained/constraintError.ts";
import { patternExpression } from "../../../framework/constrained/pattern.ts";
import { allows, drawText, vocabulary, type Build } from "./drawText.ts";

const plain =
  (pattern: string, isWhole = false): Build =>
  (make) =>
    patternExpression(make, pattern, { writing: "plain", isWhole });

const patterns = [
  ...["^abc$", "^a|b$", "^(?:a|bc)*d?$", "^[a-z]{2,4}$", String.raw`^\d+(\.\d+)?$`, "^[^a-y]+$"],
  ...[
    String.raw`^\w+\s\S$`,
    String.raw`^\p{Lu}\p{Ll}*$`,
    "^.{3}$",
    String.raw`^\x41\u00e9\u{1F427}$`,
  ],
  ...["b", "^b", "b$", "", "^$", "(?<year>[12][0-9]{3})", "^(ab?){2,}$", String.raw`^[\d\-_]+$`],
];
const texts = [
  ...["", "a", "b", "abc", "abd", "bcbcd", "d", "zz", "z", "aB c", "a b", "12", "12.5", "12."],
  ...["Éa", "Ab", "Aé\u{1F427}", "a\nb", "日本語", "1999", "abab", "aba", "_-1", "penguin"],
];

describe("patternExpression()", () => {
  for (const pattern of patterns) {
    it(`finds what JavaScript finds: ${pattern || "an empty pattern"}`, () => {
      const expected = new RegExp(pattern, "u");
      for (const text of texts) {
        expect(allows(plain(pattern), text), JSON.stringify(text)).to.equal(expected.test(text));
        const whole = new RegExp(`^(?:${pattern})$`, "u");
        expect(allows(plain(pattern, true), text), `whole ${JSON.stringify(text)}`).to.equal(
          whole.test(text),
        );
      }
    });
  }

  it("writes texts that match, by any tokens", () => {
    const random = new RandomStream(3, "patterns");
    for (const pattern of patterns) {
      const constraint = new Constraint(vocabulary, plain(pattern));
      for (let i = 0; i < 5; i++) {
        const text = drawText(constraint, random, 30);
        expect(text, pattern).to.match(new RegExp(pattern, "u"));
      }
    }
  });

  it("escapes what a JSON string escapes", () => {
    const quoted: Build = (make) =>
      make.sequence(
        make.text('"'),
        patternExpression(make, '^["\\\\\\n\\x01é]+$', { writing: "json" }),
        make.text('"'),
      );
    expect(allows(quoted, JSON.stringify('"\\\n\u0001é'))).to.equal(true);
    expect(allows(quoted, '"\n"')).to.equal(false);
    expect(allows(quoted, '"""')).to.equal(false);
  });

  it("refuses what is too long, or leaves no stack", () => {
    expect(() => allows(plain("a".repeat(2001)), "a")).to.throw(
      ConstraintError,
      "expected a pattern of at most 2000 characters, got 2001",
    );
    const deep: Build = (make) => make.choice(deep(make), make.text("a"));
    expect(() => new Constraint(vocabulary, deep)).to.throw(ConstraintError, "nested too deeply");
  });

  it("refuses what is not regular, and what is no pattern", () => {
    for (const [pattern, problem] of [
      ["(?=a)b", "expected none of the assertions inside it, got (?=a)"],
      [String.raw`(a)\1`, String.raw`expected no reference to a group, got \1`],
      [String.raw`a\bb`, String.raw`got \b`],
      ["a^b", "got ^"],
      ["(", "Unterminated group"],
    ] as const) {
      expect(() => allows(plain(pattern), "a")).to.throw(ConstraintError, problem);
    }
  });
});
