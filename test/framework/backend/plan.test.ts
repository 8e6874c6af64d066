import { expect } from "chai";
import { describe, it } from "mocha";

import { planPrograms, type Placement } from "../../../framework/backend/plan.ts";
import { Graph, type GraphValue } from "../../../framework/graph/graph.ts";
import { GraphBuilder } from "../../../framework/onnx/lowering.ts";
import { SeedbedAdamW } from "../../../framework/onnx/lowerings/optimizer.ts";

interface Parts {
  builder: GraphBuilder;
  /** A state's value before the step, of shape [4]. */
  state: GraphValue;
  other: GraphValue;
  x: GraphValue;
}

interface Case {
  title: string;
  build: (parts: Parts) => {
    outputs?: GraphValue[];
    changes: { before: GraphValue | undefined; after: GraphValue }[];
  };
  placements: Placement[];
}

const cases: Case[] = [
  {
    title: "overwrites a sum with the state itself",
    build: ({ builder, state, x }) => ({
      changes: [{ before: state, after: builder.add(state, x) }],
    }),
    placements: ["inPlace"],
  },
  {
    title: "overwrites through several operations that work element by element",
    build: ({ builder, state, x }) => {
      const decayed = builder.mul(state, builder.scalar(0.9));
      return { changes: [{ before: state, after: builder.add(decayed, x) }] };
    },
    placements: ["inPlace"],
  },
  {
    title: "overwrites what nobody reads",
    build: ({ builder, x }) => ({
      changes: [{ before: undefined, after: builder.unary("Sqrt", x) }],
    }),
    placements: ["inPlace"],
  },
  {
    title: "overwrites in the second program what the first reads",
    build: ({ builder, state, x }) => {
      const loss = builder.sum(builder.mul(state, x), [0]);
      return {
        outputs: [loss],
        changes: [{ before: state, after: builder.sub(state, builder.mul(x, loss)) }],
      };
    },
    placements: ["inPlace"],
  },
  {
    title: "spares a state that a reduction on the way to the writer reads",
    build: ({ builder, state }) => {
      const centered = builder.sub(state, builder.mean(state, [0], true));
      return { changes: [{ before: state, after: builder.mul(centered, builder.scalar(2)) }] };
    },
    placements: ["alternate"],
  },
  {
    title: "spares a state whose writer reorders it",
    build: ({ builder, state }) => ({
      changes: [
        {
          before: state,
          after: builder.concat(
            [builder.slice(state, [2], [4]), builder.slice(state, [0], [2])],
            0,
          ),
        },
      ],
    }),
    placements: ["alternate"],
  },
  {
    title: "spares a state that is read beside the writer in its program",
    build: ({ builder, state, other, x }) => {
      const after = builder.add(state, x);
      const update = builder.add(other, builder.mul(after, state));
      return {
        changes: [
          { before: state, after },
          { before: other, after: update },
        ],
      };
    },
    placements: ["alternate", "inPlace"],
  },
  {
    title: "spares a state that is read through a view beside the writer",
    build: ({ builder, state, x }) => {
      const view = builder.reshape(state, [2, 2]);
      const after = builder.add(builder.mul(state, builder.scalar(0.9)), builder.unary("Sin", x));
      return { outputs: [builder.unary("Sin", view)], changes: [{ before: state, after }] };
    },
    placements: ["alternate"],
  },
  {
    title: "spares two states that are exchanged",
    build: ({ builder, state, other }) => ({
      changes: [
        { before: state, after: builder.unary("Identity", other) },
        { before: other, after: builder.unary("Identity", state) },
      ],
    }),
    placements: ["alternate", "alternate"],
  },
  {
    title: "spares a state whose old value is returned beside its update",
    build: ({ builder, state, other, x }) => {
      const after = builder.add(other, x);
      return {
        outputs: [builder.mul(after, state)],
        changes: [
          { before: other, after },
          { before: state, after: builder.add(state, after) },
        ],
      };
    },
    placements: ["inPlace", "alternate"],
  },
  {
    title: "spares a state whose new value is returned",
    build: ({ builder, state, x }) => {
      const after = builder.add(state, x);
      return { outputs: [after], changes: [{ before: state, after }] };
    },
    placements: ["alternate"],
  },
  {
    title: "spares a state of the first program that the second reads",
    build: ({ builder, state, other, x }) => ({
      changes: [
        { before: state, after: builder.unary("Sin", x) },
        { before: other, after: builder.add(other, state) },
      ],
    }),
    placements: ["alternate", "inPlace"],
  },
];

function partsOf(): Parts {
  const graph = new Graph();
  const builder = new GraphBuilder(graph);
  const input = (): GraphValue => graph.input("float32", [4]);
  return { builder, state: input(), other: input(), x: input() };
}

describe("planPrograms()", () => {
  for (const { title, build, placements } of cases) {
    it(title, () => {
      const { outputs = [], changes } = build(partsOf());
      const { states } = planPrograms(outputs, changes);
      expect(states.map(({ placement }) => placement)).to.deep.equal(placements);
    });
  }

  it("puts an optimizer's update into a program of its own, all in place", () => {
    const { builder, state, x } = partsOf();
    const graph = builder.graph;
    const gradient = builder.mul(builder.unary("Sin", builder.mul(state, x)), builder.scalar(2));
    const loss = builder.sum(builder.mul(state, x), [0]);
    const [first, second] = [graph.input("float32", [4]), graph.input("float32", [4])];
    const scalars = ["learningRate", "correction1", "correction2Sqrt", "gradientScale"];
    graph.kernel = "SeedbedAdamW";
    const updated = SeedbedAdamW(
      builder,
      {
        parameter: state,
        gradient,
        firstMoment: first,
        secondMoment: second,
        ...Object.fromEntries(scalars.map((name) => [name, graph.input("float32", [])])),
      },
      { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    );
    if (!Array.isArray(updated)) throw new Error("Expected three outputs");
    const plan = planPrograms(
      [loss],
      [state, first, second].map((before, i) => ({ before, after: updated[i]! })),
    );
    expect(plan.states).to.deep.equal([0, 1, 2].map(() => ({ program: 1, placement: "inPlace" })));
    expect(plan.boundary, "the gradient, or what it is a multiple of").to.have.length(1);
    expect(plan.programs[0]!.outputs).to.deep.equal([loss, ...plan.boundary]);
    expect(plan.programs[0]!.nodes.every(({ kernel }) => kernel === "")).to.equal(true);
  });

  it("unpacks moments where the update needs them, and passes on gradients alone", () => {
    const { builder, state, x } = partsOf();
    const packed = builder.graph.input("float32", [2]);
    const gradient = builder.unary("Sin", builder.mul(state, x));
    const scale = builder.sum(gradient, [0]);
    const moment = builder.concat([builder.unary("Floor", packed), packed], 0);
    builder.graph.kernel = "SeedbedScaledGradient";
    const scaled = builder.mul(gradient, scale);
    builder.graph.kernel = "";
    const next = builder.add(moment, scaled);
    const plan = planPrograms(
      [scale],
      [
        { before: state, after: builder.sub(state, next) },
        { before: packed, after: builder.slice(next, [0], [2]) },
      ],
    );
    expect(plan.boundary).to.have.members([gradient, scale]);
    expect(plan.states).to.deep.equal([
      { program: 1, placement: "inPlace" },
      { program: 1, placement: "alternate" },
    ]);
  });

  it("computes an average of weights with the update, passing nothing more between programs", () => {
    const { builder, state, other, x } = partsOf();
    const gradient = builder.unary("Sin", builder.mul(state, x));
    const after = builder.sub(state, gradient);
    const average = builder.add(
      builder.mul(other, builder.scalar(0.99)),
      builder.mul(after, builder.scalar(0.01)),
    );
    const plan = planPrograms(
      [],
      [
        { before: state, after },
        { before: other, after: average },
      ],
    );
    expect(plan.boundary).to.deep.equal([gradient]);
    expect(plan.states.map(({ placement }) => placement)).to.deep.equal(["inPlace", "inPlace"]);
  });

  it("lets an output decide: it overwrites in a second program alone, which gives no output", () => {
    const { builder, state, other, x } = partsOf();
    const loss = builder.sum(builder.mul(state, x), [0]);
    const updated = { before: state, after: builder.sub(state, builder.mul(x, loss)) };
    const changes = [updated, { before: other, after: builder.unary("Sin", other) }];
    expect(planPrograms([loss], changes, true).states).to.deep.equal([
      { program: 1, placement: "inPlace" },
      { program: 0, placement: "alternate" },
    ]);
    const seen = builder.sum(updated.after, [0]);
    const plan = planPrograms([loss, seen], changes, true);
    expect(plan.programs).to.have.length(1);
    expect(plan.states.map(({ placement }) => placement)).to.deep.equal(["alternate", "alternate"]);
  });
});
