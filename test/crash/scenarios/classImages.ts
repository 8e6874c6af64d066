import { existsSync } from "node:fs";
import path from "node:path";

import { hashFiles } from "../../../framework/base/hashFiles.ts";
import { filesBelow, isLeftOver } from "../checks/wholeFiles.ts";
import type { Place, Scenario } from "../scenario.ts";

const repository = path.resolve(import.meta.dirname, "../../..");
const script = path.join(repository, "test/wholeRuns/drawKeptImages.ts");
const count = 10;

const folderOf = ({ runs, name }: Place): string => path.join(runs, name);

const imagesIn = (folder: string): string[] =>
  existsSync(folder) ? filesBelow(folder).filter((file) => !isLeftOver(file)) : [];

/** DreamBooth's class images, drawn by a tiny model. */
export const classImages: Scenario = {
  name: "class-images",
  cwd: repository,
  kinds: { picture: 1 },
  leavesParts: true, // the folder is many runs' at once, perhaps on several machines
  timers: 0.2,
  nextArgs(place) {
    if (imagesIn(folderOf(place)).length === count) return undefined;
    return ["--import", "tsx", script, folderOf(place), "3"];
  },
  results(place) {
    const images = imagesIn(folderOf(place));
    return Object.fromEntries(
      images.map((file) => [path.basename(file), hashFiles([path.join(folderOf(place), file)])]),
    );
  },
  folder: folderOf,
};
