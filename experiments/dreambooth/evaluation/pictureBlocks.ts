import type { ReportBlock, ReportPictures, RgbImage } from "seedbed";

import { parseColour, plainPicture } from "../pictures/framing.ts";
import { settingsOf } from "../settings.ts";
import type { Pictures } from "./drawPictures.ts";
import type { JudgedSubject, RunGroup } from "./judged.ts";
import { fewPictures } from "./question.ts";

type Row = ReportPictures["rows"][number];

/** Pictures of each prompt, a row for the base and for the first run of each group. */
export async function pictureBlocks(
  { question, instances, base }: JudgedSubject,
  groups: readonly RunGroup[],
  index: number,
): Promise<ReportBlock[]> {
  const models = [
    { label: "base model", pictures: base.pictures },
    ...groups.map(({ name, runs }) => ({ label: name, pictures: runs[0]!.pictures })),
  ];
  const rowsOf = (pick: (pictures: Pictures) => readonly RgbImage[]): Row[] =>
    models
      .map(({ label, pictures }) => ({ label, pictures: pick(pictures) }))
      .filter(({ pictures }) => pictures.length > 0);
  const size = base.pictures.get(question.class.prompt)![0]!.width;
  const { background: colour } = settingsOf(groups[0]!.runs[0]!.run.spec).data;
  const background = parseColour(colour);
  const subject = await Promise.all(
    instances.slice(0, fewPictures).map((image) => plainPicture(image, size, background)),
  );
  const own = { label: "the subject's pictures", pictures: subject };
  const drawn = (prompt: string): Row[] => rowsOf((pictures) => pictures.get(prompt) ?? []);
  const { subject: ofSubject, class: ofClass, coloured, others } = question;
  const blocks = [
    block(ofSubject.prompt, [own, ...drawn(ofSubject.prompt)]),
    block(ofClass.prompt, drawn(ofClass.prompt)),
    ...(coloured.length === 0
      ? []
      : [
          block(
            `${ofSubject.prompt} on ten backgrounds`,
            rowsOf((pictures) => coloured.flatMap(({ prompt }) => pictures.get(prompt)?.[0] ?? [])),
            coloured.map(({ name }) => name),
          ),
        ]),
    ...others.map(({ prompt }) => block(prompt, drawn(prompt))),
  ];
  return blocks
    .filter(({ rows }) => rows.length > 0)
    .flatMap((pictures, i) => [
      { kind: "heading" as const, text: pictures.prompt },
      { ...pictures, name: `pictures-${index + 1}-${i + 1}` },
    ]);
}

function block(
  prompt: string,
  rows: readonly Row[],
  columnLabels: readonly string[] = [],
): Omit<ReportPictures, "name"> & { prompt: string } {
  return { kind: "pictures", prompt, rows, columnLabels };
}
