import { RandomStream } from "seedbed";
import sharp from "sharp";

import { placeOf, type Split } from "../data/split.ts";
import { between, pick, several } from "../tools/tool.ts";
import { type Picture, type PictureKind, pictureSize, type PictureQuestion } from "./picture.ts";

const colours: Readonly<Record<string, string>> = {
  red: "#dc322f",
  orange: "#f58c28",
  yellow: "#fadc46",
  green: "#46aa50",
  blue: "#3c6edc",
  purple: "#8c50be",
  pink: "#fa96be",
  brown: "#8c5f3c",
  black: "#141414",
  grey: "#8c8c8c",
};

/** Outlines within a square of side 2 around 0. */
const shapes: Readonly<Record<string, string>> = {
  circle: `<circle r="1"/>`,
  square: `<rect x="-0.9" y="-0.9" width="1.8" height="1.8"/>`,
  triangle: `<polygon points="0,-1 0.95,0.8 -0.95,0.8"/>`,
  star: `<polygon points="${starPoints()}"/>`,
  cross: `<path d="M-.33-1H.33V-.33H1V.33H.33V1H-.33V.33H-1V-.33H-.33Z"/>`,
  ring: `<path fill-rule="evenodd" d="M-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0Z M-.55 0a.55 .55 0 1 0 1.1 0a.55 .55 0 1 0 -1.1 0Z"/>`,
  heart: `<path d="M0 .9C-1.3 0-1-.9-.5-.9C-.2-.9 0-.7 0-.5C0-.7 .2-.9 .5-.9C1-.9 1.3 0 0 .9Z"/>`,
  diamond: `<polygon points="0,-1 0.7,0 0,1 -0.7,0"/>`,
};

const countWords = ["zero", "one", "two", "three", "four", "five", "six"];
const shapeNames = Object.keys(shapes);
const colourNames = Object.keys(colours);

/** Bars of a seven-segment display that are lit: top, upper left, upper right, middle, lower left, lower right, bottom. */
const segments = [
  "1110111",
  "0010010",
  "1011101",
  "1011011",
  "0111010",
  "1101011",
  "1101111",
  "1010010",
  "1111111",
  "1111011",
];
const bars = [
  "-.5,-.95 1,.22",
  "-.6,-.85 .22,.8",
  ".38,-.85 .22,.8",
  "-.5,-.11 1,.22",
  "-.6,.05 .22,.8",
  ".38,.05 .22,.8",
  "-.5,.73 1,.22",
];

interface Drawn {
  readonly kind: PictureKind;
  /** Pairs that are shown, such as a shape and its colour. */
  readonly pairs: readonly string[];
  readonly svg: string;
  readonly questions: readonly PictureQuestion[];
}

/**
 * Pictures drawn by rule: one shape, some of one kind, a digit, or two shapes side by side. A hash
 * keeps some pairs (of shape and colour, digit and colour, shape and count) for validation and test:
 * a picture with such a pair is never in training, which knows its shape and its colour from others.
 */
export async function drawnPictures({
  seed,
  count,
}: {
  seed: number;
  count: number;
}): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (let i = 0; i < count; i++) {
    const random = new RandomStream(seed, "drawn", i);
    const { kind, pairs, svg, questions } = pick(random, kinds)(random);
    const rgb = await rasterise(svg);
    pictures.push({ kind, split: splitOfPairs(pairs), rgb, questions });
  }
  return pictures;
}

/** Of the pair that is kept the most. */
function splitOfPairs(pairs: readonly string[]): Split {
  const place = Math.min(...pairs.map((pair) => placeOf(`drawn/${pair}`)));
  if (place < 0.06) return "test";
  return place < 0.12 ? "validation" : "train";
}

const kinds: readonly ((random: RandomStream) => Drawn)[] = [
  oneShape,
  oneShape,
  someShapes,
  digit,
  sideBySide,
];

function oneShape(random: RandomStream): Drawn {
  const [shape, colour] = [pick(random, shapeNames), pick(random, colourNames)];
  const radius = between(random, 12, 26);
  const place = () => between(random, radius + 2, pictureSize - radius - 2);
  return {
    kind: "shapes",
    pairs: [`${shape}/${colour}`],
    svg: draw(shapes[shape]!, colour, place(), place(), radius),
    questions: [
      {
        question: "What is in the picture?",
        answer: `A ${colour} ${shape}.`.replace("A orange", "An orange"),
      },
      { question: "What shape is it?", answer: `A ${shape}.` },
      {
        question: `What colour is the ${shape}?`,
        answer: `${colour[0]!.toUpperCase()}${colour.slice(1)}.`,
      },
    ],
  };
}

function someShapes(random: RandomStream): Drawn {
  const [shape, colour] = [pick(random, shapeNames), pick(random, colourNames)];
  const count = between(random, 2, 6);
  const cells = several(random, [0, 1, 2, 3, 4, 5, 6, 7, 8], count);
  const marks = cells.map((cell) =>
    draw(
      shapes[shape]!,
      colour,
      11 + 21 * (cell % 3),
      11 + 21 * Math.floor(cell / 3),
      between(random, 7, 9),
    ),
  );
  const named = `${countWords[count]!} ${colour} ${plural(shape)}`;
  return {
    kind: "counts",
    pairs: [`${shape}/${colour}`, `${shape}/x${count}`],
    svg: marks.join(""),
    questions: [
      {
        question: "What is in the picture?",
        answer: `${named[0]!.toUpperCase()}${named.slice(1)}.`,
      },
      { question: `How many ${plural(shape)} are there?`, answer: `${count}.` },
      { question: "How many shapes are in the picture?", answer: `${count}.` },
    ],
  };
}

function digit(random: RandomStream): Drawn {
  const [value, colour] = [between(random, 0, 9), pick(random, colourNames)];
  const lit = bars
    .filter((_, bar) => segments[value]![bar] === "1")
    .map((bar) => {
      const [x, y, width, height] = bar.split(/[ ,]/);
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}"/>`;
    });
  const radius = between(random, 16, 27);
  const place = () => between(random, radius + 2, pictureSize - radius - 2);
  return {
    kind: "digits",
    pairs: [`${value}/${colour}`],
    svg: draw(lit.join(""), colour, place(), place(), radius),
    questions: [
      { question: "What is in the picture?", answer: `The number ${value}.` },
      { question: "Which number is it?", answer: `${value}.` },
      {
        question: "What colour is the number?",
        answer: `${colour[0]!.toUpperCase()}${colour.slice(1)}.`,
      },
    ],
  };
}

function sideBySide(random: RandomStream): Drawn {
  const [first, second] = several(random, shapeNames, 2);
  const [left, right] = several(random, colourNames, 2);
  const isBeside = random.uniform() < 0.5;
  const [before, behind] = isBeside
    ? ["on the left", "on the right"]
    : ["at the top", "at the bottom"];
  const radius = between(random, 10, 14);
  const at = (place: number): [number, number] => (isBeside ? [place, 32] : [32, place]);
  return {
    kind: "positions",
    pairs: [`${first}/${left}`, `${second}/${right}`],
    svg:
      draw(shapes[first!]!, left!, ...at(16), radius) +
      draw(shapes[second!]!, right!, ...at(48), radius),
    questions: [
      {
        question: "What is in the picture?",
        answer: `${withArticle(`${left} ${first}`)} and a ${right} ${second}.`.replace(
          "a orange",
          "an orange",
        ),
      },
      {
        question: `Where is the ${first}?`,
        answer: `${before[0]!.toUpperCase()}${before.slice(1)}.`,
      },
      {
        question: `Where is the ${second}?`,
        answer: `${behind[0]!.toUpperCase()}${behind.slice(1)}.`,
      },
      { question: `What is ${before}?`, answer: `${withArticle(`${left} ${first}`)}.` },
    ],
  };
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "An" : "A"} ${noun}`;
}

function plural(shape: string): string {
  return shape === "cross" ? "crosses" : `${shape}s`;
}

function draw(outline: string, colour: string, x: number, y: number, radius: number): string {
  return `<g transform="translate(${x} ${y}) scale(${radius})" fill="${colours[colour]!}">${outline}</g>`;
}

async function rasterise(content: string): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${pictureSize}" height="${pictureSize}"><rect width="100%" height="100%" fill="#fff"/>${content}</svg>`;
  const { data } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Uint8Array.from(data);
}

function starPoints(): string {
  return Array.from({ length: 10 }, (_, i) => {
    const [radius, angle] = [i % 2 === 0 ? 1 : 0.42, (i * Math.PI) / 5 - Math.PI / 2];
    return `${(radius * Math.cos(angle)).toFixed(4)},${(radius * Math.sin(angle)).toFixed(4)}`;
  }).join(" ");
}
