import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { beginning, responseBody } from "../../../../framework/serve/responses/responseBody.ts";
import {
  ResponseStore,
  type StoredResponse,
} from "../../../../framework/serve/responses/responseStore.ts";

const idOf = (number: number): string => `resp_${String(number).padStart(48, "0")}`;

function stored(number: number, input = "a"): StoredResponse {
  const head = { id: idOf(number), created: number, model: "nano", isStored: true };
  const body = responseBody(head, { model: "nano", input }, beginning);
  return { body, owner: "", input: [{ type: "message", role: "user", content: input }] };
}

describe("ResponseStore", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "store-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const held = (): string[] => readdirSync(folder).map((name) => String(Number(name.slice(5, -5))));

  it("gives back what was put, also to another one of the folder", () => {
    new ResponseStore({ folder }).put(stored(1));
    expect(new ResponseStore({ folder }).get(idOf(1))).to.deep.equal(stored(1));
  });

  it("lets go of what was not used for longest", () => {
    const store = new ResponseStore({ folder, mostResponses: 3 });
    for (const number of [1, 2, 3]) store.put(stored(number));
    store.get(idOf(1));
    store.put(stored(4));
    expect(held()).to.have.members(["1", "3", "4"]);
    expect(store.get(idOf(2))).to.equal(undefined);
  });

  it("lets go of what is too much in bytes, and keeps the last one", () => {
    const bytes = JSON.stringify(stored(1)).length;
    const store = new ResponseStore({ folder, mostBytes: 2 * bytes });
    for (const number of [1, 2, 3]) store.put(stored(number));
    expect(held()).to.have.members(["2", "3"]);
    store.put(stored(4, "x".repeat(3 * bytes)));
    expect(held()).to.deep.equal(["4"]);
    store.put(stored(4));
    store.put(stored(5));
    expect(held()).to.have.members(["4", "5"]);
  });

  it("knows from the files what was used last, and takes away what a crash left", () => {
    const store = new ResponseStore({ folder });
    for (const number of [1, 2, 3]) store.put(stored(number));
    for (const [number, seconds] of [
      [1, 30],
      [2, 10],
      [3, 20],
    ] as const) {
      utimesSync(path.join(folder, `${idOf(number)}.json`), seconds, seconds);
    }
    writeFileSync(path.join(folder, `${idOf(9)}.json.1.0.tmp`), "{");
    writeFileSync(path.join(folder, "notes.txt"), "");
    const next = new ResponseStore({ folder, mostResponses: 2 });
    expect(next.get(idOf(2))).to.equal(undefined);
    expect(readdirSync(folder)).to.have.members([
      ...[`${idOf(1)}.json`, `${idOf(3)}.json`, "notes.txt"],
    ]);
  });

  it("has nothing where a file holds something else, or is gone", () => {
    const store = new ResponseStore({ folder });
    for (const number of [1, 2]) store.put(stored(number));
    writeFileSync(path.join(folder, `${idOf(1)}.json`), "{");
    rmSync(path.join(folder, `${idOf(2)}.json`));
    for (const number of [1, 2]) expect(store.get(idOf(number))).to.equal(undefined);
  });

  it("touches no file but its own", () => {
    const store = new ResponseStore({ folder });
    for (const id of ["../store", "resp_", `${idOf(1)}/..`, `resp_${"A".repeat(48)}`]) {
      expect(store.get(id)).to.equal(undefined);
      expect(store.delete(id)).to.equal(false);
      const other = { ...stored(1), body: { ...stored(1).body, id } };
      expect(() => store.put(other)).to.throw(RangeError, "Cannot keep response");
    }
    expect(readdirSync(folder)).to.deep.equal([]);
  });
});
