import { expect } from "chai";
import { describe, it } from "mocha";

import { countryQuestions } from "../../../../experiments/nano/data/countryQuestions.ts";
import { countries } from "../../../../experiments/nano/data/countryTable.ts";
import { dictionary, speeches } from "../../../../experiments/nano/data/prose.ts";
import type { Question } from "../../../../experiments/nano/data/question.ts";
import { ruleQuestions } from "../../../../experiments/nano/data/ruleQuestions.ts";
import { splitOf } from "../../../../experiments/nano/data/split.ts";
import { readWordNet } from "../../../../experiments/nano/data/wordNet.ts";
import { wordQuestions } from "../../../../experiments/nano/data/wordQuestions.ts";

const answerTo = (questions: readonly Question[], question: string): string | undefined =>
  questions.find((each) => each.question === question)?.answer;

describe("splitOf()", () => {
  it("keeps one in twenty for validation, one in twenty for the test", () => {
    const drawn = Array.from({ length: 4000 }, (_, i) => splitOf(`${i}`));
    const share = (split: string) => drawn.filter((each) => each === split).length / 4000;
    expect(share("validation")).to.be.closeTo(0.05, 0.01);
    expect(share("test")).to.be.closeTo(0.05, 0.01);
  });
});

describe("countryQuestions()", () => {
  const questions = countryQuestions();

  it("asks for capitals, continents, currencies, languages, and countries by capital", () => {
    expect(answerTo(questions, "What is the capital of the Netherlands?")).to.equal("Amsterdam.");
    expect(answerTo(questions, "On which continent is Peru?")).to.equal("South America.");
    expect(answerTo(questions, "What is the currency of Kenya?")).to.equal("Kenyan Shilling.");
    expect(answerTo(questions, "Which language is spoken in Brazil?")).to.equal("Portuguese.");
    expect(answerTo(questions, "Canberra is the capital of which country?")).to.equal("Australia.");
    expect(answerTo(questions, "What is the capital of the United States?")).to.equal(
      "Washington D.C.",
    );
  });

  it("tells every fact at least once in training, and asks for none of the test's in the same words", () => {
    const train = questions.filter(({ split }) => split === "train");
    expect(
      train.filter(({ question }) => question.startsWith("What is the capital of")).length,
    ).to.equal(countries.length);
    const seen = new Set(train.map(({ question }) => question));
    const asked = questions.filter(({ split }) => split === "test");
    expect(asked.length).to.be.greaterThan(100);
    expect(asked.filter(({ question }) => seen.has(question))).to.deep.equal([]);
  });
});

describe("ruleQuestions()", () => {
  const questions = ruleQuestions({ seed: 0, count: 6000 });

  it("has sums that are right", () => {
    const sums = questions.flatMap(({ question, answer }) => {
      const found = /^What is (\d+) (plus|minus|times|\+|-|x) (\d+)\?$/.exec(question);
      return found ? [{ a: Number(found[1]), by: found[2]!, b: Number(found[3]), answer }] : [];
    });
    expect(sums.length).to.be.greaterThan(500);
    for (const { a, by, b, answer } of sums) {
      const value = /plus|\+/.test(by) ? a + b : /minus|-/.test(by) ? a - b : a * b;
      expect(answer, `${a} ${by} ${b}`).to.equal(`${value}.`);
    }
  });

  it("spells, compares and continues", () => {
    for (const { question, answer } of questions) {
      const word = /^Spell (\w+)\.$/.exec(question)?.[1];
      if (word !== undefined) expect(answer.replaceAll("-", "")).to.equal(`${word}.`);
      const ages = /^(\w+) is (\d+) years old and (\w+) is (\d+)\./.exec(question);
      if (ages) {
        expect(ages[2]).to.not.equal(ages[4]);
        expect(answer).to.equal(`${Number(ages[2]) > Number(ages[4]) ? ages[1] : ages[3]}.`);
      }
      const list = /^What comes next: ([\d, ]+)\?$/.exec(question)?.[1]?.split(", ").map(Number);
      if (list) expect(answer).to.equal(`${list[3]! + list[1]! - list[0]!}.`);
    }
  });

  it("keeps a sum in one split, however it is put and in whatever order", () => {
    const splitsOf = new Map<string, Set<string>>();
    for (const { question, split } of questions) {
      const found = /^(?:What is|How much is) (\d+) (?:plus|\+|and) (\d+)\?$/.exec(question);
      if (!found) continue;
      const key = [Number(found[1]), Number(found[2])].toSorted((a, b) => a - b).join("+");
      splitsOf.set(key, (splitsOf.get(key) ?? new Set()).add(split));
    }
    expect(Math.max(...[...splitsOf.values()].map((each) => each.size))).to.equal(1);
  });
});

describe("speeches()", () => {
  it("cuts speeches at the ends of sentences", () => {
    const parts = speeches();
    expect(parts.length).to.be.greaterThan(400);
    for (const { text } of parts) {
      expect(text.length).to.be.lessThan(7000);
      expect(text).to.not.match(/\[laughter\]|\(applause/i);
    }
  });
});

describe("WordNet", () => {
  const wordNet = readWordNet();
  const questions = wordQuestions(wordNet);

  it("explains common things in a sentence", () => {
    expect(answerTo(questions, "What is a heron?")).to.equal(
      "Grey or white wading bird with long neck and long legs and long bill.",
    );
    expect(answerTo(questions, "What kind of thing is a heron?")).to.equal("Wading bird.");
    expect(answerTo(questions, "What is the opposite of hot?")).to.equal("Cold.");
  });

  it("writes articles as they are spoken, and none before substances", () => {
    for (const question of ["What is an umbrella?", "What is a utensil?", "What is chlorine?"]) {
      expect(answerTo(questions, question), question).to.be.a("string");
    }
  });

  it("leaves out words that few know", () => {
    expect(questions.some(({ question }) => question.includes("barracouta"))).to.equal(false);
    expect(questions.length).to.be.within(15_000, 40_000);
  });

  it("is a dictionary", () => {
    const texts = dictionary(wordNet).map(({ text }) => text);
    expect(texts.length).to.equal(117_791);
    expect(texts).to.include("thrust: push forcefully.\nHe thrust his chin forward");
  });
});
