import { expect } from "chai";
import { describe, it } from "mocha";

import { PictureFiles, pictureGrid } from "../../../../framework/cli/sampling/pictureFiles.ts";
import { rgbImage } from "../../../../framework/data/image.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("PictureFiles", () => {
  const folder = temporaryFolder();

  it("numbers pictures on from those that are in the folder", () => {
    folder.write({ "00008-1.png": "", "grid-00007.png": "", "00050.txt": "", "99.png": "" });
    const files = new PictureFiles(folder.path());
    expect(files.picture(0, 23)).to.equal(folder.path("00009-23.png"));
    expect(files.picture(1, 24)).to.equal(folder.path("00010-24.png"));
    expect(files.grid()).to.equal(folder.path("grid-00009.png"));
  });

  it("begins with 1 in a folder that is not there yet, and takes a file as it is", () => {
    expect(new PictureFiles(folder.path("new")).picture(0, 5)).to.equal(
      folder.path("new/00001-5.png"),
    );
    expect(new PictureFiles("cat.PNG").picture(0, 5)).to.equal("cat.PNG");
  });
});

describe("pictureGrid()", () => {
  const image = rgbImage(8, 8, new Uint8Array(192));

  it("is nearly a square for one prompt, and has a row for each of several", () => {
    const side = (count: number): number => 4 + count * 12; // a gap of 4 around each picture
    const square = pictureGrid(Array(5).fill(image), ["a"]);
    expect([square.width, square.height]).to.deep.equal([side(3), side(2)]);
    const rows = pictureGrid(Array(4).fill(image), ["", ""]);
    expect([rows.width, rows.height]).to.deep.equal([side(2), side(2)]);
  });
});
