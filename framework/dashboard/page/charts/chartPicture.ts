import type uPlot from "uplot";

import { themeColour } from "../../../web/page/theme.ts";
import type { ShownCurve } from "./shownCurve.ts";

const shownNames = 12;

/** The plot as it stands, with title and names, as a PNG. */
export async function chartPicture(
  plot: uPlot,
  title: string,
  curves: readonly ShownCurve[],
): Promise<Blob> {
  const source = plot.ctx.canvas;
  const unit = source.width / plot.width;
  const names = curves.slice(0, shownNames);
  const canvas = document.createElement("canvas");
  canvas.width = source.width;
  canvas.height = source.height + (32 + 18 * names.length + 8) * unit;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("Cannot draw the picture: the browser gives no canvas");
  context.fillStyle = themeColour("panel");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 32 * unit);
  context.scale(unit, unit);
  context.fillStyle = themeColour("text");
  context.font = "600 14px system-ui, sans-serif";
  context.fillText(title, 12, 21);
  context.font = "12px system-ui, sans-serif";
  for (const [i, { style }] of names.entries()) {
    const y = 32 + plot.height + 18 * i + 12;
    context.fillStyle = style.colour;
    context.fillRect(12, y - 8, 16, 8);
    context.fillStyle = themeColour("text");
    context.fillText(style.title, 36, y);
  }
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error("Cannot save the picture: the browser could not encode it"));
    }, "image/png");
  });
}
