import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { addKey, readKeys, removeKey } from "../../../../framework/serve/keys/keyFile.ts";
import { KeyRing } from "../../../../framework/serve/keys/keyRing.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const createdAt = "2026-01-02T03:04:05.000Z";

describe("files of keys", () => {
  const folder = temporaryFolder();

  it("keep hashes that their owner alone can read, and no key", () => {
    const file = folder.path("keys.json");
    const key = addKey(file, { name: "ada", createdAt, requestsPerMinute: 3 });
    expect(key).to.match(/^sk-[\w-]{43}$/);
    expect(readFileSync(file, "utf8")).to.not.include(key).and.to.not.include(key.slice(3));
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const [kept, ...others] = readKeys(file)!;
    expect(others).to.deep.equal([]);
    expect(kept).to.include({ name: "ada", createdAt, requestsPerMinute: 3 });
    expect(addKey(file, { name: "bob", createdAt })).to.not.equal(key);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it("refuse what cannot be", () => {
    const file = folder.path("keys.json");
    addKey(file, { name: "ada", createdAt });
    expect(() => addKey(file, { name: "ada", createdAt })).to.throw("there is one already");
    expect(() => addKey(file, { name: "a b", createdAt })).to.throw('key named "a b": expected');
    expect(() => addKey(file, { name: "c", createdAt, tokensPerMinute: 0.5 })).to.throw(
      "tokensPerMinute 0.5: expected a whole number of 1 or more",
    );
    expect(() => removeKey(file, "bob")).to.throw("has none of that name");
    for (const broken of ["{", "[]", '{"keys":[{"name":"a","hash":"x","createdAt":""}]}']) {
      writeFileSync(file, broken);
      expect(() => readKeys(file), broken).to.throw(`Cannot read keys from ${file}: expected what`);
    }
  });
});

describe("KeyRing", () => {
  const folder = temporaryFolder();

  it("finds the key that was given, and follows its file within a second", () => {
    const file = folder.path("keys.json");
    const ada = addKey(file, { name: "ada", createdAt });
    const warned: string[] = [];
    const clock = { ms: 0 };
    const ring = new KeyRing(file, { warn: (line) => warned.push(line), nowMs: () => clock.ms });
    expect(ring.find(ada)?.name).to.equal("ada");
    for (const wrong of ["", `${ada}x`, ada.slice(0, -1)]) {
      expect(ring.find(wrong)).to.equal(undefined);
    }
    const bob = addKey(file, { name: "bob", createdAt });
    removeKey(file, "ada");
    clock.ms = 1000;
    expect(ring.find(bob)?.name).to.equal("bob");
    expect(ring.find(ada)).to.equal(undefined);
    writeFileSync(file, "{");
    clock.ms = 2000;
    expect(ring.find(bob)?.name, "the file cannot be read").to.equal("bob");
    expect(warned).to.have.length(1);
    expect(warned[0]).to.include("the keys that were there before stay");
    rmSync(file);
    clock.ms = 3000;
    expect(ring.find(bob), "the file is gone").to.equal(undefined);
  });
});
