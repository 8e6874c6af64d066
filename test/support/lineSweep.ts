/** Fits a line, which is quickly done. */
export const lineProgram = (maxSteps: number): string => `experiment: leastSquares
seed: 3
trainer: { backend: cpu, maxSteps: ${maxSteps}, logEveryNSteps: 1, threads: 1 }
optimizer: { name: sgd, learningRate: 0.1 }
callbacks: []
loggers: { tensorBoard: false, wandb: false }
`;

/** Of the line's program in `base.yaml`: four trials. */
export const lineSweep = `program: base.yaml
method: grid
metric: { name: slope, goal: maximize }
parameters:
  data.slope: { values: [1, 2] }
  optimizer.learningRate: { values: [0.1, 0.2] }
`;
