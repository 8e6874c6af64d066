/** @file Measures one freezing in this process, so that its peak of memory is its own. */
import * as tf from "@tensorflow/tfjs";

import { useBackend } from "../../../framework/backend/register.ts";
import { peakMb } from "../peakMb.ts";
import { freezings, freezingWork } from "./freezingWork.ts";

/** The second step has the moments of the first. */
const steps = 3;

const freezing = freezings.find((name) => name === process.argv[2]);
if (freezing === undefined)
  throw new TypeError(`Cannot measure: expected one of ${freezings.join(", ")}`);
const { compile } = await useBackend("ort", { threads: Number(process.argv[3] ?? 1) });
const double = compile(({ x }) => ({ y: tf.add(x!, x!) }));
tf.dispose(await double({ x: tf.ones([1]) }));
const baseMb = peakMb();
const work = await freezingWork(freezing, compile);
const losses: number[] = [];
for (let i = 0; i < steps; i++) losses.push(await work.step());
const { trainable } = work;
process.send?.({ freezing, trainable, losses, baseMb, peakMb: peakMb() });
process.disconnect?.();
