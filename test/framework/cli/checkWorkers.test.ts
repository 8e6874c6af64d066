import { expect } from "chai";
import { describe, it } from "mocha";

import { checkWorkers, ownLikeness } from "../../../framework/cli/checkWorkers.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { sourcesHash } from "../../../framework/cli/sourcesHash.ts";
import { messages } from "../../support/fitTogether.ts";
import { together } from "../../support/memoryWorlds.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("checkWorkers()", () => {
  const check = async (own: (rank: number) => object): Promise<string[]> => {
    const loaded = await loadExperimentSpec("configs/gan.yaml", []);
    const likeness = ownLikeness(loaded);
    return messages(
      await together(3, (world) =>
        checkWorkers(loaded, world, { ...likeness, ...own(world.rank) }),
      ),
    );
  };

  it("is content with workers that are alike", async () => {
    expect(await check(() => ({}))).to.deep.equal(["no error", "no error", "no error"]);
  });

  for (const { what, own, message } of [
    {
      what: "another version of a package",
      own: { versions: { node: "99.0.0" } },
      message: /^Cannot train together: rank 2 runs node 99\.0\.0, rank 0 runs 2\d\./,
    },
    {
      what: "other files in the same version",
      own: { code: "0123456789ab" },
      message:
        /^Cannot train together: the files of Seedbed that rank 2 runs \(0123456789ab\) are not those of rank 0 \([0-9a-f]{12}\); install/,
    },
    {
      what: "another spec",
      own: { spec: ["name: other"] },
      message: /^Cannot train together: the spec of rank 2 has "name: other" where rank 0's has "/,
    },
  ]) {
    it(`names the rank that has ${what}, on all`, async () => {
      const said = await check((rank) => (rank === 2 ? own : {}));
      for (const each of said) expect(each).to.match(message);
    });
  }
});

describe("sourcesHash()", () => {
  const folder = temporaryFolder();

  it("is of names and texts, wherever they lie", () => {
    const hashOf = (files: Record<string, string>): string => {
      folder.clear();
      folder.write(files);
      return sourcesHash(folder.path());
    };
    const hash = hashOf({ "a.ts": "1", "b/c.mjs": "2", "notes.md": "3" });
    expect(hashOf({ "a.ts": "1", "b/c.mjs": "2", "notes.md": "4" })).to.equal(hash);
    expect(hashOf({ "a.ts": "1", "b/d.mjs": "2" })).to.not.equal(hash);
    expect(hashOf({ "a.ts": "1", "b/c.mjs": "3" })).to.not.equal(hash);
  });
});
