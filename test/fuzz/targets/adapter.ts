import { writeFileSync } from "node:fs";
import path from "node:path";

import { readPeftAdapter } from "../../../framework/adapters/peftAdapter.ts";
import { writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { openShardedSafetensors } from "../../../framework/weights/shardedSafetensors.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { joined, parted, scratch } from "../scratch.ts";

const [config, index, weights, shard] = [
  "adapter_config.json",
  "model.safetensors.index.json",
  "adapter_model.safetensors",
  "a.safetensors",
].map((name) => scratch("adapter", name));
const values = { shape: [1, 1], values: Float32Array.of(1) };
const layer = "base_model.model.layers.0.q";
writeSafetensors(weights!, [
  [`${layer}.lora_A.weight`, values],
  [`${layer}.lora_B.weight`, values],
]);
writeSafetensors(shard!, [["x", values]]);

/** peft's `adapter_config.json`, and the index of weights in several files. */
export const target: FuzzTarget = {
  name: "adapter",
  covers: ["framework/adapters/", "framework/weights/"],
  seeds: [
    joined([
      '{"peft_type":"LORA","r":1,"lora_alpha":2,"alpha_pattern":{"q":3},"rank_pattern":{},"bias":"none","use_rslora":true,"target_modules":["q"]}',
      '{"metadata":{"total_size":4},"weight_map":{"x":"a.safetensors"}}',
    ]),
  ],
  words: ["../", "a.safetensors", '"weight_map":{', '"alpha_pattern":{', "/etc/passwd"],
  run(input) {
    const [first, second] = parted(input, 2);
    writeFileSync(config!, first!);
    writeFileSync(index!, second!);
    const tensors = openShardedSafetensors(index!);
    return [
      [...tensors.values()].map(({ values: each }) => each),
      readPeftAdapter(path.dirname(config!)),
    ];
  },
};
