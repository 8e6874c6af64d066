/** What can be wrong with a picture, in the words of OpenAI's API. */
export type PictureProblemCode =
  | "invalid_image_url"
  | "invalid_base64_image"
  | "empty_image_file"
  | "image_file_too_large"
  | "image_too_large"
  | "invalid_image_format"
  | "image_parse_error"
  | "failed_to_download_image";

/** Why a picture cannot be looked at, in words for the client that gave it. */
export class PictureProblem extends Error {
  override readonly name = "PictureProblem";
  readonly code: PictureProblemCode;

  constructor(code: PictureProblemCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export function damagedPicture(cause?: unknown): PictureProblem {
  return new PictureProblem("image_parse_error", "The picture is damaged, or not whole.", cause);
}

export function tooManyBytes(maxBytes: number): PictureProblem {
  const most = `${Math.floor((maxBytes / 2 ** 20) * 10) / 10} MiB`;
  return new PictureProblem("image_file_too_large", `The picture has more than ${most}.`);
}
