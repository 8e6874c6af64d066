import { expect } from "chai";

import { readSafetensorsHeader } from "../../../../framework/weights/safetensors.ts";
import type { NanoCheck } from "../nanoCheck.ts";
import type { NanoFolder } from "../nanoFolder.ts";

/** Names of types in the lists, by those of safetensors. */
const typeNames: Readonly<Record<string, string>> = {
  F32: "float32",
  I32: "int32",
  I8: "int8",
  U8: "uint8",
};

/** The arrays that a JSON file lists are those of the file beside it. */
export const arrayLists: NanoCheck = {
  title: "lists of arrays",
  tests: (folder) =>
    folder.files
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.slice(0, -".json".length))
      .filter((name) => folder.has(`${name}.safetensors`) && "tensors" in listOf(folder, name))
      .map((name) => ({
        title: `name each array's type and shape: ${name}`,
        run: () => compare(folder, name),
      })),
};

const listOf = (folder: NanoFolder, name: string): Readonly<Record<string, unknown>> =>
  folder.json(`${name}.json`);

function compare(folder: NanoFolder, name: string): void {
  const { tensors } = readSafetensorsHeader(folder.path(`${name}.safetensors`));
  const found = [...tensors].map(([array, { dtype, shape }]) => [
    array,
    [typeNames[dtype] ?? dtype, shape],
  ]);
  expect(Object.fromEntries(found)).to.deep.equal(listOf(folder, name)["tensors"]);
}
