import { Graph, programFor } from "../graph/graph.ts";
import { encodeModel } from "../onnx/modelProto.ts";
import { allocate, RuntimeValue, Session } from "../runtime/session.ts";

/** More channels than any processor's block has; a multiple of them all. */
const channels = 64;

let found: number | undefined | null = null;

/**
 * How many channels ONNX Runtime keeps side by side in its blocked layout, which depends on the
 * processor: 8 with AVX2, 16 with AVX-512; undefined where it has no such layout. It does not say,
 * so that it is seen from two positions of a picture: the second one's first channel follows a
 * whole block of the first one's.
 */
export function channelBlock(): number | undefined {
  if (found === null) found = findChannelBlock();
  return found;
}

function findChannelBlock(): number | undefined {
  const graph = new Graph();
  const shape = [1, channels, 1, 2];
  const x = graph.input("float32", shape);
  const [blocked] = graph.node("ReorderInput", [x], {}, [x], "com.microsoft.nchwc");
  const { bytes, inputNames, outputNames } = encodeModel(programFor([blocked!]));
  let session: Session | undefined;
  const [input, output] = [0, 1].map(
    () => new RuntimeValue(allocate("float32", 2 * channels), "float32", shape),
  );
  try {
    input!.array.forEach((_, i) => (input!.array[i] = i));
    session = new Session(bytes, inputNames, outputNames);
    session.bind([input!], [output!]).run();
    const block = output!.array.indexOf(1);
    const isLayout = output!.array.every((value, i) => value === placed(i, block));
    return block > 1 && channels % block === 0 && isLayout ? block : undefined;
  } catch {
    return undefined;
  } finally {
    session?.dispose();
    input!.dispose();
    output!.dispose();
  }
}

/** What lies at `i` of `[channels / block, 2 positions, block]`, if channel c has 2c and 2c + 1. */
function placed(i: number, block: number): number {
  const position = Math.floor(i / block) % 2;
  const channel = Math.floor(i / (2 * block)) * block + (i % block);
  return 2 * channel + position;
}
