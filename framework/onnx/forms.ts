import type { GraphValue, OutputInfo } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

/** One way to compute something. */
export type Form = (builder: GraphBuilder, inputs: readonly GraphValue[]) => GraphValue;

/** Several ways to compute the same, up to rounding; which is the fastest depends on the machine. */
export interface Forms {
  /** The kernel with its attributes. With the inputs' shapes it says what is computed. */
  readonly work: string;
  readonly forms: Readonly<Record<string, Form>>;
  /** Name of the form that was mostly the fastest for such shapes. */
  readonly usual: string;
}

/** Says the name of the form to take for such inputs. */
export type ChooseForm = (forms: Forms, inputs: readonly OutputInfo[]) => string;

/** Computes it in the form that the target chooses, or else in the usual one. */
export function computeInForm(
  builder: GraphBuilder,
  inputs: readonly GraphValue[],
  forms: Forms,
): GraphValue {
  const names = Object.keys(forms.forms);
  const choose = names.length > 1 ? builder.target.chooseForm : undefined;
  const name = choose?.(forms, inputs) ?? forms.usual;
  return forms.forms[name]!(builder, inputs);
}
