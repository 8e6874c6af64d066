import { expect } from "chai";
import { describe, it } from "mocha";

import { markersOf } from "../../../../framework/serve/routing/markers.ts";

/** A text of a quarter of a million characters, whose square is a minute or more. */
const much = (part: string): string => part.repeat(250_000 / part.length);

describe("markersOf()", () => {
  for (const [text, steps] of [
    ["First add, then multiply.", 1],
    ["first, first, first", 0],
    ["first this then that, first this\nthen that", 2],
    ["first, finally, step 1, then that; after that step 2", 3],
    ["first then first finally", 2],
    ["1. add\n  2) multiply\n\n\n \t3. divide\nin 4. no", 3],
    ["1.\n2.\n3.\n", 3],
    ["1.5 is no step", 0],
    [much("first "), 0],
    [`${much("first ")}then ${much("first ")}`, 1],
    [`${much("\n")}1. add`, 1],
    [much("\n \t"), 0],
    [much("1\n"), 0],
  ] as const) {
    const title = text.length > 60 ? `${text.slice(0, 12)}… of ${text.length} characters` : text;
    it(`counts ${steps} steps in ${JSON.stringify(title)}`, () => {
      expect(markersOf(text).steps).to.equal(steps);
    });
  }
});
