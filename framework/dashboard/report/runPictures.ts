import { InputError } from "../../base/errors.ts";
import { decodePicture } from "../../report/decodePicture.ts";
import type { ReportPictures } from "../../report/report.ts";
import type { IndexedRun } from "../../store/indexedRun.ts";
import { openMedia } from "../../store/media/openRecords.ts";
import { readBytes } from "../../store/media/readBytes.ts";
import type { RunMedia } from "../../store/media/runMedia.ts";
import { isRecord } from "../../tracking/parameters.ts";

/** What a report shows when nobody says what: of most runs, their last pictures. */
const [mostKeys, mostRuns, mostPictures] = [4, 12, 8];
/** Bytes of a file that a report takes. */
const mostBytes = 2 ** 24;

type Row = ReportPictures["rows"][number];

/** The last pictures that runs have logged under each key, a row for each run; pictures of other sizes stand apart. */
export async function runPictures(runs: readonly IndexedRun[]): Promise<ReportPictures[]> {
  const opened = runs.slice(0, mostRuns).map((run) => ({ run, media: openMedia(run).look() }));
  const keys = new Set(
    opened.flatMap(({ media }) =>
      media.list().flatMap(({ kind, key }) => (kind === "images" ? [key] : [])),
    ),
  );
  const blocks: ReportPictures[] = [];
  for (const key of [...keys].slice(0, mostKeys)) {
    const rows: Row[] = [];
    for (const { run, media } of opened) rows.push(...(await rowsOf(run, media, key)));
    for (const some of bySize(rows)) {
      const name = `${key} ${blocks.length + 1}`;
      blocks.push({ kind: "pictures", name: fileName(name), rows: some });
    }
  }
  return blocks;
}

async function rowsOf(run: IndexedRun, media: RunMedia, key: string): Promise<Row[]> {
  const record = media.recordAt("images", key, Infinity);
  const images = record?.["images"];
  const ids = (Array.isArray(images) ? images : []).filter(isRecord).map(({ id }) => id);
  const pictures = [];
  for (const id of ids.slice(0, mostPictures)) pictures.push(...(await pictureOf(media, id)));
  const label = `${run.title ?? run.id}, ${key}, step ${Number(record?.["step"])}`;
  return pictures.length === 0 ? [] : [{ label, pictures }];
}

/** One that is missing or damaged is left out: the run's page says so. */
async function pictureOf(media: RunMedia, id: unknown): Promise<Row["pictures"]> {
  try {
    const place = typeof id === "string" ? media.picture(id) : undefined;
    if (!place || place.bytes > mostBytes) return [];
    return [await decodePicture(Buffer.concat([...readBytes(place)]), String(id))];
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** Rows of one size each: a row's first picture decides, others of its row are left out. */
function bySize(rows: readonly Row[]): Row[][] {
  const sizes = new Map<string, Row[]>();
  for (const { label, pictures } of rows) {
    const first = pictures[0];
    if (!first) continue;
    const { width, height } = first;
    const same = pictures.filter((each) => each.width === width && each.height === height);
    const size = `${width} ${height}`;
    sizes.set(size, [...(sizes.get(size) ?? []), { label, pictures: same }]);
  }
  return [...sizes.values()];
}

const fileName = (text: string): string => `pictures-${text.replaceAll(/[^\w.-]+/g, "-")}`;
