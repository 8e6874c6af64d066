import { createHash } from "node:crypto";
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { encodePng, rgbImage } from "../../../framework/data/image.ts";
import { generateRuns } from "./generateRuns.ts";

const steps = [100, 500, 1000, 1500, 2000, 2500, 3000];
const pictures = 6;
const side = 64;

/** Runs for pictures of the dashboard: with tags, notes, and images that grow clearer. */
export async function pictureRuns(folder: string): Promise<void> {
  await generateRuns({ folder, count: 54, points: 300, withMedia: 8 });
  const runs = readdirSync(path.join(folder, "tuning")).filter((name) => /^r\w{7}$/.test(name));
  for (const [i, id] of runs.entries()) {
    const run = path.join(folder, "tuning", id);
    if (i % 9 === 0) writeNotes(run, i);
    if (i < 8) await addPictures(run, i);
  }
}

function writeNotes(run: string, index: number): void {
  const notes = {
    tags: index === 0 ? ["baseline", "paper"] : ["best"],
    notes: "Wider and slower: the loss still falls at the end, so longer training may pay.",
    starred: index % 2 === 0,
    archived: false,
    colour: null,
    name: null,
  };
  writeFileSync(path.join(run, "notes.json"), JSON.stringify(notes));
}

async function addPictures(run: string, seed: number): Promise<void> {
  for (const step of steps) {
    const images = [];
    for (let i = 0; i < pictures; i++) {
      const png = await encodePng(rgbImage(side, side, planet(i, seed, step / 3000)));
      const file = `media/planets_${step}_${i}.png`;
      writeFileSync(path.join(run, file), png);
      const sha256 = createHash("sha256").update(png).digest("hex");
      images.push({ file, width: side, height: side, sha256, caption: `planet ${i + 1}` });
    }
    const record = {
      kind: "images",
      step,
      epoch: step / 100,
      wallTimeSeconds: 2e9,
      key: "planets",
    };
    appendFileSync(path.join(run, "metrics.jsonl"), `${JSON.stringify({ ...record, images })}\n`);
  }
}

/** A lit sphere before the sky, `[side, side, 3]`, out of noise: the clearer the nearer to 1. */
function planet(index: number, seed: number, clearness: number): Uint8Array {
  const pixels = new Uint8Array(side * side * 3);
  const radius = 14 + 3 * ((index * 5 + seed) % 4);
  for (let i = 0; i < side * side; i++) {
    const x = (i % side) - side / 2;
    const y = Math.floor(i / side) - side / 2;
    const inside = 1 - (x * x + y * y) / (radius * radius);
    const light = inside > 0 ? Math.max(0.1, (Math.sqrt(inside) * 12 - x - y) / 40 + 0.3) : 0;
    const stripes = 0.75 + 0.25 * Math.sin(y / (1.5 + index) + x / 20);
    for (let c = 0; c < 3; c++) {
      const colour = 110 + 145 * Math.sin(index * 1.9 + c * 2.1 + 1) ** 2;
      const clear = inside > 0 ? light * stripes * colour * 1.6 : 18 + 12 * c + (y + side / 2) / 3;
      const noise = ((Math.imul(i * 3 + c + seed * 7919, 2654435761) >>> 8) & 255) * 1;
      const share = clearness ** 0.7;
      pixels[i * 3 + c] = Math.max(0, Math.min(255, clear * share + noise * (1 - share)));
    }
  }
  return pixels;
}
