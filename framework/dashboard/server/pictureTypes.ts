import path from "node:path";

/** What a browser may be given of a run. SVG and HTML are not among them: they can run scripts. */
const types = new Map([
  [".png", "image/png"],
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
  [".gif", "image/gif"],
  [".webp", "image/webp"],
  [".avif", "image/avif"],
  [".bmp", "image/bmp"],
]);

/** The content type of a picture by its name; undefined for what is not to be shown. */
export function pictureType(name: string): string | undefined {
  return types.get(path.extname(name).toLowerCase());
}
