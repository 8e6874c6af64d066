import type { Rgb } from "./image.ts";

/** Width of a glyph and height of a line in pixels, before enlargement. */
export const glyphWidth = 5;
export const glyphHeight = 7;
/** From one letter to the next. */
export const glyphAdvance = 6;

/**
 * Letters five pixels wide and seven high, drawn for this project: the fonts that a picture
 * library would use may be missing. A glyph is seven digits to base 32, one a row from the top;
 * a digit's bits are the row's pixels, the highest on the left.
 */
const glyphs = readGlyphs(`
  A EHHVHHH  B UHHUHHU  C EHGGGHE  D UHHHHHU  E VGGUGGV  F VGGUGGG  G EHGNHHE  H HHHVHHH
  I E44444E  J 72222IC  K HIKOKIH  L GGGGGGV  M HRLLHHH  N HHPLJHH  O EHHHHHE  P UHHUGGG
  Q EHHHLID  R UHHUKIH  S FGGE11U  T V444444  U HHHHHHE  V HHHHHA4  W HHHLLLA  X HHA4AHH
  Y HHHA444  Z V1248GV
  a 00E1FHF  b GGMPHHU  c 00EGGHE  d 11DJHHF  e 00EHVGE  f 698S888  g 0FHHF1E  h GGMPHHH
  i 40C444E  j 20622IC  k GGIKOKI  l C44444E  m 00QLLHH  n 00MPHHH  o 00EHHHE  p 00UHUGG
  q 00FHF11  r 00MPGGG  s 00FGE1U  t 88S8896  u 00HHHJD  v 00HHHA4  w 00HHLLA  x 00HA4AH
  y 00HHF1E  z 00V248V
  0 EHJLPHE  1 4C4444E  2 EH1248V  3 V2421HE  4 26AIV22  5 VGU11HE  6 68GUHHE  7 V124888
  8 EHHEHHE  9 EHHF12C
  . 00000CC  , 0000C48  : 0CC0CC0  ; 0CC0C48  ! 4444004  ? EH12404  - 000V000  _ 000000V
  + 044V440  = 00V0V00  / 01248G0  \\ 0G84210  ( 2488842  ) 8422248  [ E88888E  ] E22222E
  { 6448446  } C44244C  ' C480000  " AAA0000  # AAVAVAA  $ 4FKE5U4  % OP248J3  & CIK8LID
  * 04LEL40  < 248G842  > 8421248  @ EH1DLLE  ^ 4AH0000  | 4444444  ~ 008L200
`);

function readGlyphs(table: string): ReadonlyMap<string, Uint8Array> {
  const parts = table.trim().split(/\s+/);
  const map = new Map<string, Uint8Array>([[" ", new Uint8Array(glyphHeight)]]);
  for (let i = 0; i < parts.length; i += 2) {
    map.set(
      parts[i]!,
      Uint8Array.from(parts[i + 1]!, (row) => Number.parseInt(row, 32)),
    );
  }
  return map;
}

/** Width in pixels of one line of text. */
export function textWidth(text: string, scale: number): number {
  return Math.max(0, text.length * glyphAdvance - 1) * scale;
}

/** Breaks text into lines of at most `columns` letters, at spaces where there are any. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((long) => pieces(long, columns))) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

function pieces(word: string, columns: number): string[] {
  const count = Math.ceil(word.length / columns);
  return Array.from({ length: count }, (_, i) => word.slice(i * columns, (i + 1) * columns));
}

/** Pixels to draw on, three bytes each. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Draws one line of text; what leaves the canvas is cut. Letters that the font lacks appear as `?`.
 *
 * @param scale side of a glyph's pixel
 */
export function drawText(
  canvas: Canvas,
  text: string,
  { x, y, scale = 1, colour = [0, 0, 0] }: { x: number; y: number; scale?: number; colour?: Rgb },
): void {
  for (let position = 0; position < text.length; position++) {
    const glyph = glyphs.get(text[position]!) ?? glyphs.get("?")!;
    const left = x + position * glyphAdvance * scale;
    glyph.forEach((bits, row) => {
      for (let column = 0; column < glyphWidth; column++) {
        if ((bits >> (glyphWidth - 1 - column)) & 1) {
          fillSquare(canvas, left + column * scale, y + row * scale, scale, colour);
        }
      }
    });
  }
}

function fillSquare(canvas: Canvas, left: number, top: number, side: number, colour: Rgb): void {
  for (let y = Math.max(0, top); y < Math.min(top + side, canvas.height); y++) {
    for (let x = Math.max(0, left); x < Math.min(left + side, canvas.width); x++) {
      canvas.data.set(colour, (y * canvas.width + x) * 3);
    }
  }
}
