import { expect } from "chai";
import { describe, it } from "mocha";

import { Graph, programFor, type GraphValue } from "../../../../framework/graph/graph.ts";
import {
  fuseLanes,
  laneOffsets,
  type FusedLanes,
} from "../../../../framework/graph/passes/fuseLanes.ts";

/** `parameter - gradient * rate`, for parameters of several shapes. */
class Descent {
  readonly graph = new Graph();
  readonly rate = this.graph.input("float32", []);
  readonly movable = new Set<GraphValue>();
  readonly overwritten = new Map<GraphValue, GraphValue>();
  readonly outputs: GraphValue[] = [];

  binary(op: string, a: GraphValue, b: GraphValue): GraphValue {
    return this.graph.node(op, [a, b], {}, [a])[0]!;
  }

  member(
    shape: number[],
    rate: GraphValue = this.rate,
  ): { gradient: GraphValue; next: GraphValue } {
    const parameter = this.graph.input("float32", shape);
    const gradient = this.graph.input("float32", shape);
    const next = this.binary("Sub", parameter, this.binary("Mul", gradient, rate));
    this.movable.add(parameter).add(gradient);
    this.overwritten.set(next, parameter);
    this.outputs.push(next);
    return { gradient, next };
  }

  fuse(pieceLength = 1024): FusedLanes {
    const { graph, movable, overwritten, outputs } = this;
    const program = programFor(outputs);
    return fuseLanes(program, { graph, given: new Set(), movable, overwritten, pieceLength });
  }
}

const ops = ({ program }: FusedLanes): string[] => program.nodes.map(({ op }) => op);

describe("laneOffsets()", () => {
  it("starts every member on a line of the cache", () => {
    expect(laneOffsets([3, 16, 17])).to.deep.equal({ offsets: [0, 16, 32], length: 64 });
  });
});

describe("fuseLanes()", () => {
  it("does the same work on many arrays as one", () => {
    const descent = new Descent();
    for (const shape of [[3], [2, 2], [5, 1, 1]]) descent.member(shape);
    const fused = descent.fuse();
    const [group, ...others] = fused.groups;
    expect(others).to.deep.equal([]);
    expect(group!.sizes).to.deep.equal([3, 4, 5]);
    expect(group!.operands.map((operand) => operand.length)).to.deep.equal([3, 3]);
    expect(group!.pieces.map(({ start, length }) => [start, length])).to.deep.equal([[0, 48]]);
    expect(ops(fused)).to.deep.equal(["Mul", "Sub"]);
    const [piece] = group!.pieces;
    expect(piece!.outputs.map((output) => output !== undefined)).to.deep.equal([false, true]);
    expect(fused.program.outputs).to.deep.equal([piece!.outputs[1]]);
    expect(fused.program.inputs).to.deep.equal([descent.rate, ...piece!.inputs]);
  });

  it("cuts long memory into pieces, wherever arrays begin", () => {
    const descent = new Descent();
    descent.member([40]);
    descent.member([30]);
    const { pieces } = descent.fuse(32).groups[0]!;
    expect(pieces.map(({ start, length }) => [start, length])).to.deep.equal([
      [0, 32],
      [32, 32],
      [64, 16],
    ]);
  });

  it("takes scalars that are computed alike for the same", () => {
    const descent = new Descent();
    const { graph, rate } = descent;
    for (const shape of [[2], [3], [4]]) {
      const halved = descent.binary(
        "Mul",
        rate,
        graph.constant("float32", Float32Array.of(0.5), []),
      );
      descent.member(shape, halved);
    }
    expect(ops(descent.fuse())).to.deep.equal(["Mul", "Mul", "Sub"]);
  });

  it("keeps those with other scalars apart", () => {
    const descent = new Descent();
    for (const value of [0.5, 0.25]) {
      descent.member([2], descent.graph.constant("float32", Float32Array.of(value), []));
    }
    expect(descent.fuse().groups.map(({ sizes }) => sizes)).to.deep.equal([[2], [2]]);
  });

  const refusals: { title: string; spoil: (descent: Descent) => void }[] = [
    {
      title: "an array that may not move",
      spoil: (descent) => descent.movable.delete(descent.member([7]).gradient),
    },
    {
      title: "an array that another node reads",
      spoil: (descent) => {
        const { gradient } = descent.member([7]);
        descent.outputs.push(
          descent.graph.node("ReduceSum", [gradient], {}, [{ shape: [], dtype: "float32" }])[0]!,
        );
      },
    },
    {
      title: "a result that is not written over an operand",
      spoil: (descent) => descent.overwritten.delete(descent.member([7]).next),
    },
    {
      title: "arrays of another shape than the result's",
      spoil: (descent) => {
        const rates = descent.graph.input("float32", [1, 7]);
        descent.movable.add(rates);
        descent.member([7, 7], rates);
      },
    },
  ];
  for (const { title, spoil } of refusals) {
    it(`leaves alone ${title}`, () => {
      const descent = new Descent();
      for (const shape of [[3], [4]]) descent.member(shape);
      spoil(descent);
      const { groups, program } = descent.fuse();
      expect(groups.map(({ sizes }) => sizes)).to.deep.equal([[3, 4]]);
      expect(program.nodes.filter(({ op }) => op === "Sub")).to.have.length(2);
    });
  }
});
