import { existsSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import {
  readLearnedEmbeddings,
  writeLearnedEmbeddings,
} from "../../../framework/adapters/learnedEmbeddings.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { seedbed } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("seedbed merge-embeddings", () => {
  const folder = temporaryFolder();
  const run = seedbed();
  const out = (): string => folder.path("out.safetensors");

  /** A file of one token. */
  function write(name: string, token: string, rows: number, features = 2): string {
    const values = Float32Array.from({ length: rows * features }, (_, i) => i + rows);
    const file = folder.path(`${name}.safetensors`);
    writeLearnedEmbeddings(file, new Map([[token, hostTensor(values, [rows, features])]]));
    return file;
  }

  it("writes the tokens of all files, by their names or the ones given", async () => {
    const files = [write("a", "<cat>", 1), `<big-cat>=${write("b", "<cat>", 2)}`];
    const { exitCode, printed } = await run(["merge-embeddings", ...files, "--out", out()]);
    expect([exitCode, ...printed]).to.deep.equal([
      0,
      out(),
      "  <cat>  1 vector",
      "  <big-cat>  2 vectors",
    ]);
    const merged = readLearnedEmbeddings(out());
    expect([...merged.get("<cat>")!.values]).to.deep.equal([1, 2]);
    expect([...merged.get("<big-cat>")!.values]).to.deep.equal([2, 3, 4, 5]);
  });

  it("refuses what cannot be merged, and writes nothing", async () => {
    const cat = write("a", "<cat>", 1);
    for (const { args, expected } of [
      {
        args: [cat, cat],
        expected: 'two are called "<cat>"; read one of them under another name: TOKEN=FILE',
      },
      {
        args: [cat, write("c", "<dog>", 1, 3)],
        expected: "vectors of one model, got 2 and 3 features",
      },
      { args: [cat, "none"], expected: "none: no such file" },
      { args: [cat, "--out", folder.path("out")], expected: "ends in .safetensors" },
      { args: [cat, "--out", cat], expected: "it exists" },
    ]) {
      const place = args.includes("--out") ? [] : ["--out", out()];
      const { exitCode, warned } = await run(["merge-embeddings", ...args, ...place]);
      expect([exitCode, warned.join("\n")].join())
        .to.match(/^2,/)
        .and.include(expected);
    }
    expect(existsSync(out())).to.equal(false);
  });
});
