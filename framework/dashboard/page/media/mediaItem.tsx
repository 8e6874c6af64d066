import type { JSX } from "preact";

import type { MediaAnswer } from "../../api.ts";
import { runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { DataTable } from "../parts/dataTable.tsx";
import { Loading } from "../parts/notice.tsx";
import { ImageGrid } from "./imageGrid.tsx";
import type { MediaKey } from "./mediaKeys.ts";
import { PrCurve } from "./prCurve.tsx";

interface MediaItemProps {
  readonly run: string;
  readonly media: MediaKey;
  readonly step: number;
  /** Edge of an image in pixels. */
  readonly size: number;
}

/** What one run logged under one key, at the last step up to the shown one. */
export function MediaItem({ run, media, step, size }: MediaItemProps): JSX.Element {
  const { kind, key } = media;
  const path = runPath(run, "media", { kind, key, step: String(step) });
  const { answer, error } = useAnswer<MediaAnswer>(path, { follow: [run] });
  if (error) return <p class="muted">{error.message}</p>;
  if (!answer) return <Loading rows={2} />;
  if (answer.kind === "none") return <p class="muted">Nothing up to this step</p>;
  return (
    <div class="media-item">
      {answer.step !== step && <p class="muted media-step">from step {answer.step}</p>}
      <MediaContent answer={answer} name={key} size={size} />
    </div>
  );
}

interface MediaContentProps {
  readonly answer: Exclude<MediaAnswer, { kind: "none" }>;
  readonly name: string;
  readonly size: number;
}

function MediaContent({ answer, name, size }: MediaContentProps): JSX.Element | null {
  switch (answer.kind) {
    case "images":
      return <ImageGrid images={answer.images} name={name} size={size} />;
    case "text":
      return <pre class="media-text">{answer.text}</pre>;
    case "table":
      return <DataTable label={name} columns={answer.columns} rows={answer.rows} />;
    case "prCurve":
      return <PrCurve {...answer} name={name} />;
    case "problem":
      return <p class="media-problem">{answer.problem}</p>;
    case "histogram":
      return null;
  }
}
