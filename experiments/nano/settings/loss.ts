import { share } from "./fields.ts";

export interface LossSettings {
  promptWeight: number;
}

export const loss: object = {
  type: "object",
  description: "How tokens count that are learnt from labels.",
  default: {},
  properties: {
    promptWeight: {
      ...share,
      default: 0,
      description:
        "Weight of a token that is only seen, such as a question's or a function's, where one that is to be said has 1; without a teacher.",
    },
  },
};
