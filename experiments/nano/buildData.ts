/** `npx tsx experiments/nano/buildData.ts [scale] [seed]` builds the data and says what is in them. */
import { buildNanoData, summaryTable } from "./data/buildNanoData.ts";

const [scale = "1", seed = "0"] = process.argv.slice(2);
const { folder, manifest, pictures } = await buildNanoData({
  scale: Number(scale),
  seed: Number(seed),
});
console.log(summaryTable(manifest).join("\n"));
for (const [split, { length }] of Object.entries(pictures)) {
  console.log(`pictures  ${split}  ${length}`);
}
console.log(`vocabulary of ${manifest.vocabularySize} entries; data in ${folder}`);
