import { expect } from "chai";
import { describe, it } from "mocha";

import { ApiError } from "../../../../framework/serve/apiError.ts";
import { damagedPicture } from "../../../../framework/serve/pictures/pictureProblem.ts";
import { SeenPictures } from "../../../../framework/serve/pictures/seenPictures.ts";
import type { ShownPicture } from "../../../../framework/serve/pictures/shownPicture.ts";
import { errorOf } from "../../../support/compiled.ts";

function shownOf(hash: string, split = false): ShownPicture {
  const picture = { hash, width: 1, height: 1, bytes: Buffer.from(hash) };
  return { picture, split, text: "", tokens: 1, param: "here" };
}

/** Remembers two pictures; `looks` are those that were looked at. */
function twoPictures(): { seen: SeenPictures; looks: string[] } {
  const looks: string[] = [];
  const seen = new SeenPictures({
    ...{ maxBytes: 8, mostWaiting: 2 },
    look: async ({ picture: { hash }, split }) => {
      looks.push(`${hash}${split ? " in tiles" : ""}`);
      if (hash === "damaged") throw damagedPicture();
      return Float32Array.of(hash.length);
    },
  });
  return { seen, looks };
}

describe("SeenPictures", () => {
  it("looks at a picture once for each way of showing it, also where several ask", async () => {
    const { seen, looks } = twoPictures();
    const [first, same] = await Promise.all([seen.get(shownOf("a")), seen.get(shownOf("a"))]);
    expect(same).to.equal(first);
    expect(await seen.get(shownOf("a"))).to.equal(first);
    expect((await seen.get(shownOf("a", true))).number).to.not.equal(first!.number);
    expect(looks).to.deep.equal(["a", "a in tiles"]);
  });

  it("forgets what was not asked for longest, and numbers it anew", async () => {
    const { seen, looks } = twoPictures();
    const { number } = await seen.get(shownOf("a"));
    await seen.get(shownOf("b"));
    await seen.get(shownOf("a"));
    await seen.get(shownOf("c")); // b goes
    expect((await seen.get(shownOf("a"))).number).to.equal(number);
    await seen.get(shownOf("b")); // c goes
    await seen.get(shownOf("c")); // a goes
    expect((await seen.get(shownOf("a"))).number).to.be.above(number);
    expect(looks).to.deep.equal(["a", "b", "c", "b", "c", "a"]);
  });

  it("does not remember what is damaged, and refuses more than may wait", async () => {
    const { seen, looks } = twoPictures();
    for (let i = 0; i < 2; i++) {
      const error = await errorOf(seen.get(shownOf("damaged")));
      expect(error).to.be.instanceOf(ApiError);
      expect(Object(error).body.error).to.include({ param: "here", code: "image_parse_error" });
    }
    expect(looks).to.have.length(2);
    const waiting = [seen.get(shownOf("a")), seen.get(shownOf("b"))];
    expect(await errorOf(seen.get(shownOf("c")))).to.include({ status: 429 });
    await Promise.all(waiting);
    expect((await seen.get(shownOf("c"))).features).to.deep.equal(Float32Array.of(1));
  });
});
