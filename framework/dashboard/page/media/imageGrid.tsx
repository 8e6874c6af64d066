import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Icon } from "../../../web/page/icon.tsx";
import type { MediaImage } from "../../api.ts";
import { Dialog } from "../parts/dialog.tsx";

interface ImageGridProps {
  readonly images: readonly MediaImage[];
  readonly name: string;
  /** Edge in pixels. */
  readonly size: number;
}

/** Images with captions; a click shows one large. */
export function ImageGrid({ images, name, size }: ImageGridProps): JSX.Element {
  const [open, setOpen] = useState<number | null>(null);
  const shown = open === null ? undefined : images[open];
  return (
    <>
      <div class="image-grid">
        {images.map((image, i) => (
          <figure key={i} style={{ width: `${size}px` }}>
            <button
              class="image-button"
              aria-label={`Enlarge ${image.caption ?? `${name}, image ${i + 1}`}`}
              onClick={() => setOpen(i)}
            >
              <Picture image={image} name={name} pixelated={size > image.width} />
            </button>
            {image.problem !== null && <p class="media-problem">{image.problem}</p>}
            {image.caption && (
              <figcaption class="clip" title={image.caption}>
                {image.caption}
              </figcaption>
            )}
          </figure>
        ))}
      </div>
      {shown && open !== null && (
        <Dialog title={shown.caption ?? name} wide onClose={() => setOpen(null)}>
          <div
            class="large-image"
            onKeyDown={({ key }) => {
              const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
              setOpen((open + by + images.length) % images.length);
            }}
          >
            <button
              class="icon-button"
              aria-label="Image before"
              onClick={() => setOpen((open + images.length - 1) % images.length)}
            >
              <Icon name="left" />
            </button>
            <Picture image={shown} name={name} pixelated />
            <button
              class="icon-button"
              aria-label="Next image"
              onClick={() => setOpen((open + 1) % images.length)}
            >
              <Icon name="right" />
            </button>
          </div>
          <p class="muted">
            {open + 1} of {images.length}, {shown.width} × {shown.height} pixels,{" "}
            {shown.url !== null && (
              <a href={shown.url} target="_blank" rel="noreferrer">
                file
              </a>
            )}
          </p>
          {shown.problem !== null && <p class="media-problem">{shown.problem}</p>}
        </Dialog>
      )}
    </>
  );
}

function Picture(props: {
  readonly image: MediaImage;
  readonly name: string;
  readonly pixelated: boolean;
}): JSX.Element {
  const { image, name, pixelated } = props;
  if (image.url === null) return <span class="muted">not shown</span>;
  return (
    <img
      class={pixelated ? "pixelated" : ""}
      src={image.url}
      width={image.width}
      height={image.height}
      loading="lazy"
      alt={image.caption ?? name}
    />
  );
}
