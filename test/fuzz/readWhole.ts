import type { ForeignFormat } from "../../framework/store/foreign/foreignRun.ts";
import type { RunSource } from "../../framework/store/indexedRun.ts";
import { openMedia, type RunPlace } from "../../framework/store/media/openRecords.ts";
import { RunCurves } from "../../framework/store/runCurves.ts";

/** Reads all of a folder that another program has written: points, media, console, system. */
export function readWhole(format: ForeignFormat, source: RunSource, folder: string): unknown {
  const run = format.read(folder);
  const curves = new RunCurves();
  const problems: string[] = [];
  run.readPoints({
    point: (...point) => curves.point(...point),
    leftOut: (problem) => void problems.push(problem),
  });
  const media = readMedia({ folder, source });
  return [run, problems, media, run.readConsole(), run.readSystem(), run.files()];
}

/** Reads the last record of each key, and where its pictures are. */
export function readMedia(place: RunPlace): unknown {
  const media = openMedia(place).look();
  const records = media.list().map(({ kind, key }) => media.recordAt(kind, key, Infinity));
  const pictures = records.flatMap((record) => picturesOf(record).map((id) => media.picture(id)));
  return [records, pictures];
}

function picturesOf(record: Readonly<Record<string, unknown>> | undefined): string[] {
  const images: unknown = record?.["images"];
  const ids = Array.isArray(images)
    ? images.map((image: unknown): unknown => Object(image).id)
    : [];
  return ids.filter((id) => typeof id === "string");
}
