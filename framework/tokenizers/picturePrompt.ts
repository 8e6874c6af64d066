export interface PictureGrid {
  /** Of tiles; 0 where there is only the whole picture. */
  readonly rows: number;
  readonly columns: number;
}

export interface PicturePromptOptions {
  /** Image tokens of a frame. */
  tokensPerFrame: number;
  /** Stands around each frame. */
  fakeToken?: string;
  imageToken?: string;
  globalToken?: string;
}

/**
 * What stands for a picture in a text of Idefics3: a line of marked tiles for each row, then the
 * whole picture.
 */
export function picturePrompt(
  { rows, columns }: PictureGrid,
  {
    tokensPerFrame,
    fakeToken = "<fake_token_around_image>",
    imageToken = "<image>",
    globalToken = "<global-img>",
  }: PicturePromptOptions,
): string {
  const frame = (mark: string): string => fakeToken + mark + imageToken.repeat(tokensPerFrame);
  const whole = frame(globalToken) + fakeToken;
  if (rows === 0 || columns === 0) return whole;
  const lines = Array.from({ length: rows }, (_row, y) =>
    Array.from({ length: columns }, (_column, x) => frame(`<row_${y + 1}_col_${x + 1}>`)).join(""),
  );
  return `${lines.join("\n")}\n\n${whole}`;
}
