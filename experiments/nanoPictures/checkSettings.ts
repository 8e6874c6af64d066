import { InputError, readModelFolder } from "seedbed";

import { checkVocabulary } from "../nano/modelFolders.ts";
import { pictureSize } from "../nano/pictures/picture.ts";
import { pictureParts, seesPictures, type TowerSizes } from "../nano/vision/pictureModel.ts";
import type { PictureTrainingSettings } from "./settings.ts";

/**
 * Looks at the models and sizes that settings name.
 *
 * @returns the model's folder
 * @throws {InputError} for what cannot be trained
 */
export function checkSettings({ model, data, lora }: PictureTrainingSettings): string {
  const { folder, tower, trains } = model;
  if (folder === null) {
    throw new InputError(
      "Cannot train with pictures: expected model.folder, a language model that is to see them, got null",
    );
  }
  checkVocabulary(folder, data.vocabularySize);
  if (!seesPictures(readModelFolder(folder).config)) checkTower(tower);
  const ways = pictureParts.map((part) => trains[part]);
  if (ways.every((way) => way === "nothing")) {
    throw new InputError("Cannot train with pictures: model.trains has every part learn nothing");
  }
  if (ways.includes("lora") !== (lora !== null)) {
    throw new InputError(
      `Cannot train with pictures: expected lora where a part of model.trains says it and nowhere else, got ${JSON.stringify(lora)} and ${pictureParts.map((part) => `${part} ${trains[part]}`).join(", ")}`,
    );
  }
  return folder;
}

function checkTower({ features, heads, patchSize, scaleFactor }: TowerSizes): void {
  if (pictureSize % (patchSize * scaleFactor) !== 0) {
    throw new InputError(
      `Cannot train with pictures: expected patches of model.tower.patchSize in squares of scaleFactor that fill ${pictureSize} pixels, got ${patchSize} and ${scaleFactor}`,
    );
  }
  if (features % 4 !== 0 || features % heads !== 0) {
    throw new InputError(
      `Cannot train with pictures: expected model.tower.features that 4 and the number of heads divide, got ${features} and ${heads}`,
    );
  }
}
