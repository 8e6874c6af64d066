import type { ForeignFormat } from "../../framework/store/foreign/foreignRun.ts";
import type { RunSource } from "../../framework/store/indexedRun.ts";
import { openConsole, openMedia, openSystem } from "../../framework/store/media/openRecords.ts";
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
  const media = openMedia({ folder, source }).look();
  const records = media.list().map(({ kind, key }) => media.recordAt(kind, key, Infinity));
  const pictures = records.flatMap((record) => picturesOf(record).map((id) => media.picture(id)));
  const printed = openConsole({ folder, source });
  const system = openSystem({ folder, source });
  return [
    run,
    problems,
    records,
    pictures,
    run.readConsole(),
    run.readSystem(),
    run.files(),
    printed,
    system,
  ];
}

function picturesOf(record: Readonly<Record<string, unknown>> | undefined): string[] {
  const images: unknown = record?.["images"];
  const ids = Array.isArray(images)
    ? images.map((image: unknown): unknown => Object(image).id)
    : [];
  return ids.filter((id) => typeof id === "string");
}
