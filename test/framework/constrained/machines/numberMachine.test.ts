import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../../framework/base/random.ts";
import { numberMachine } from "../../../../framework/constrained/machines/numberMachine.ts";
import type { NumberBounds } from "../../../../framework/constrained/machines/numberPrefix.ts";

/** Whether a machine takes a text, and knows at each byte that it may. */
function takes(bounds: NumberBounds, text: string): boolean {
  const machine = numberMachine(bounds);
  let state: string | undefined = machine.start;
  for (const byte of Buffer.from(text)) {
    state = machine.step(state, byte);
    if (state === undefined) return false;
  }
  return machine.accepts(state);
}

/** A text by random bytes; each of those that may follow is as likely. */
function draw(bounds: NumberBounds, random: RandomStream): string {
  const machine = numberMachine(bounds);
  let state = machine.start;
  for (let text = ""; ;) {
    const next = Array.from("-.0123456789").flatMap((byte) => {
      const after = machine.step(state, byte.charCodeAt(0));
      return after === undefined ? [] : [{ byte, after }];
    });
    const mayEnd = machine.accepts(state);
    const at = Math.floor(random.uniform() * (next.length + (mayEnd ? 1 : 0)));
    const chosen = next[at];
    if (!chosen) return text;
    text += chosen.byte;
    state = chosen.after;
  }
}

/** All that a machine takes, of so many bytes at most. */
function taken(bounds: NumberBounds, length: number): string[] {
  const machine = numberMachine(bounds);
  const found: string[] = [];
  const follow = (text: string, state: string): void => {
    if (machine.accepts(state)) found.push(text);
    if (text.length === length) return;
    for (const byte of "-.0123456789") {
      const after = machine.step(state, byte.charCodeAt(0));
      if (after !== undefined) follow(text + byte, after);
    }
  };
  follow("", machine.start);
  return found;
}

/** All texts of bytes that numbers have, of so many at most. */
function* shortTexts(length: number, before = ""): Iterable<string> {
  yield before;
  if (length > 0) for (const byte of "-.0123456789") yield* shortTexts(length - 1, before + byte);
}

describe("numberMachine()", () => {
  it("takes whole numbers as JSON writes them", () => {
    for (const text of ["0", "7", "-12", "100", "999999999999999"]) {
      expect(takes({ isInteger: true }, text), text).to.equal(true);
    }
    for (const text of ["", "-", "-0", "01", "+1", "1.0", "1e3", "1000000000000000", " 1"]) {
      expect(takes({ isInteger: true }, text), text).to.equal(false);
    }
  });

  it("takes decimals", () => {
    for (const text of ["0", "0.5", "-0.25", "12.75", "-3", "1.50"]) {
      expect(takes({ isInteger: false }, text), text).to.equal(true);
    }
    for (const text of [".5", "5.", "-.5", "00.1", "-0", "-0.0", "1.2.3"]) {
      expect(takes({ isInteger: false }, text), text).to.equal(false);
    }
  });

  it("takes the whole numbers between bounds, and no others", () => {
    const cases: Omit<NumberBounds, "isInteger">[] = [
      { minimum: 7, maximum: 123 },
      { minimum: -45, maximum: 8 },
      { exclusiveMinimum: -3, exclusiveMaximum: 3 },
      { minimum: -200, maximum: -50, multipleOf: 7 },
      { minimum: 0.5, maximum: 99.5, multipleOf: 12 },
      { maximum: 20, exclusiveMinimum: 19 },
    ];
    for (const bounds of cases) {
      const { minimum = -Infinity, maximum = Infinity, multipleOf = 1 } = bounds;
      const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = bounds;
      for (let value = -210; value <= 130; value++) {
        const isRight =
          value >= minimum &&
          value <= maximum &&
          value > exclusiveMinimum &&
          value < exclusiveMaximum &&
          value % multipleOf === 0;
        const what = `${value} of ${JSON.stringify(bounds)}`;
        expect(takes({ ...bounds, isInteger: true }, String(value)), what).to.equal(isRight);
      }
    }
  });

  it("takes just the short decimals between bounds", () => {
    const decimal = /^(?:0|[1-9][0-9]*|-[1-9][0-9]*)$|^-?(?:0|[1-9][0-9]*)\.[0-9]+$/;
    const texts = [...shortTexts(4)].filter((text) => decimal.test(text) && !/^-[0.]+$/.test(text));
    const cases: NumberBounds[] = [
      { isInteger: false },
      { isInteger: true },
      { minimum: 0, maximum: 70, isInteger: false },
      { minimum: -0.5, exclusiveMaximum: 1.2, isInteger: false },
      { exclusiveMinimum: -12, maximum: 9, isInteger: true },
      { minimum: 3, maximum: 3, isInteger: false },
    ];
    for (const bounds of cases) {
      const { minimum = -Infinity, maximum = Infinity, isInteger } = bounds;
      const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = bounds;
      const right = texts.filter((text) => {
        const value = Number(text);
        return (
          value >= minimum &&
          value <= maximum &&
          value > exclusiveMinimum &&
          value < exclusiveMaximum &&
          !(isInteger && text.includes("."))
        );
      });
      expect(taken(bounds, 4), JSON.stringify(bounds)).to.have.members(right);
    }
  });

  it("has the same state where the same may follow, whatever was met before", () => {
    /** After each of some texts, one after the other. */
    const states = (bounds: NumberBounds, ...texts: string[]): (string | undefined)[] => {
      const machine = numberMachine(bounds);
      const after = (from: string | undefined, byte: number): string | undefined =>
        from === undefined ? undefined : machine.step(from, byte);
      return texts.map((text) =>
        Buffer.from(text).reduce<string | undefined>(after, machine.start),
      );
    };
    const decimal = { isInteger: false };
    expect(states(decimal, "777.25", "123.45", "-9.005", "77.345", "12.345")).to.deep.equal([
      ...["111.11", "111.11", "1.111", "11.111", "11.111"],
    ]);
    const below = { isInteger: true, maximum: 100_000 };
    expect(states(below, "77", "42")).to.deep.equal(["11", "11"]);
    expect(states(below, "10"), "of 100000").to.deep.equal(["10"]);
    const narrow = { isInteger: false, minimum: 0.5, maximum: 0.6 };
    expect(states(narrow, "0.57", "0.5612", "0.55")).to.deep.equal(["0.55", "0.5555", "0.55"]);
  });

  it("knows how many bytes are missing", () => {
    const machine = numberMachine({ minimum: 1000, maximum: 1999, isInteger: true });
    expect(machine.distance("")).to.equal(4);
    expect(machine.distance("19")).to.equal(2);
    expect(machine.step("", "2".charCodeAt(0))).to.equal(undefined);
    const narrow = numberMachine({
      exclusiveMinimum: 0.1,
      exclusiveMaximum: 0.11,
      isInteger: false,
    });
    expect(narrow.distance("")).to.equal("0.101".length);
    expect(numberMachine({ minimum: 3, maximum: 2, isInteger: false }).distance("")).to.equal(
      Infinity,
    );
    const none = numberMachine({
      minimum: 8,
      maximum: 13,
      multipleOf: 7,
      exclusiveMinimum: 8,
      isInteger: true,
    });
    expect(none.distance("")).to.equal(Infinity);
  });

  it("draws nothing that is outside", () => {
    const random = new RandomStream(5, "numbers");
    for (let i = 0; i < 60; i++) {
      const [a, b] = [random.uniform() * 200 - 100, random.uniform() * 200 - 100];
      const bounds = {
        minimum: Math.min(a, b),
        exclusiveMaximum: Math.max(a, b),
        isInteger: false,
      };
      const value = Number(JSON.parse(draw(bounds, random)));
      expect(value).to.be.at.least(bounds.minimum).and.below(bounds.exclusiveMaximum);
    }
  });
});
