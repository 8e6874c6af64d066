import { tokenIds, type SubjectData } from "./dataset.ts";
import { pictureData, type PictureDataOptions } from "./pictures/pictureData.ts";
import { promptSource, remembering } from "./promptSource.ts";
import { classPrompts, instancePrompts } from "./subjectPrompts.ts";

/** @param options.subjects have the files that captions belong to */
export async function subjectData({
  subjects,
  ...options
}: Omit<PictureDataOptions, "subjects"> & {
  subjects: readonly { file: string; image: PictureDataOptions["subjects"][number]["image"] }[];
}): Promise<SubjectData> {
  const { components, data, classFiles } = options;
  const texts = instancePrompts(
    data,
    subjects.map(({ file }) => file),
  );
  const pictures = await pictureData({
    ...options,
    subjects: subjects.map(({ image }, i) => ({ image, prompts: texts[i] })),
  });
  const encode = remembering((text) => tokenIds(components, text));
  return {
    pictures,
    prompts: pictures.copies.map(({ prompts }) => promptSource(prompts, data.instance, encode)),
    classPrompts: classPrompts(data, classFiles.length).map((prompt) =>
      promptSource([prompt], data.class, encode),
    ),
  };
}
