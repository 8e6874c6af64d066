import * as tf from "@tensorflow/tfjs";
import {
  ignoredLabel,
  nextTokens,
  ops,
  type Idefics3,
  type NamedVariables,
  type OptimizerConfig,
  type TrainingModule,
} from "seedbed";

export interface PicturesModuleOptions {
  model: Idefics3;
  optimizerConfig: OptimizerConfig;
  /** What learns, and what does not. */
  trained: { readonly parameters: NamedVariables; readonly frozen: NamedVariables };
  /** Share of the loss that dialogues without pictures have, in [0, 1). */
  dialogueShare: number;
}

/** Where the entries of a loader are in a batch, and which loader of validation has them. */
export const pictureEntries = "pictures";
export const dialogueEntries = "dialogues";
const dialogueLoader = 1;

/**
 * Trains a language model to answer questions about pictures, beside dialogues without them that it
 * is not to forget.
 *
 * Batches of training have the entries of `pictureDataset` under `pictures/`, and those of
 * `packedDataset` under `dialogues/` where these have a share. Of validation's loaders the first has
 * pictures, the second dialogues. Losses are mean cross entropies of tokens in nats.
 */
export function picturesModule({
  model,
  optimizerConfig,
  trained,
  dialogueShare,
}: PicturesModuleOptions): TrainingModule {
  return {
    trainableParameters: () => trained.parameters,
    frozenParameters: () => trained.frozen,
    configureOptimizers: () => optimizerConfig,
    trainingStep(batch) {
      const pictures = pictureLoss(model, entriesOf(batch, pictureEntries)).loss;
      if (dialogueShare === 0) return { loss: pictures };
      const dialogues = dialogueLoss(model, entriesOf(batch, dialogueEntries));
      const loss = pictures.mul(1 - dialogueShare).add<tf.Scalar>(dialogues.mul(dialogueShare));
      return { loss, pictures, dialogues };
    },
    validationStep(batch, { loaderIndex, logDict }) {
      const own = { addDataloaderIdx: false }; // each loader's names are its own
      if (loaderIndex === dialogueLoader) {
        logDict({ "val/dialogueLoss": dialogueLoss(model, batch) }, own);
        return {};
      }
      const { loss, logits, labels } = pictureLoss(model, batch);
      logDict({ "val/loss": loss, "val/named": allRight(logits, labels) }, own);
      return {};
    },
  };
}

function entriesOf(batch: tf.NamedTensorMap, name: string): tf.NamedTensorMap {
  const prefix = `${name}/`;
  const own = Object.entries(batch).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}

function pictureLoss(
  model: Idefics3,
  { ids, pixels, labels: given }: tf.NamedTensorMap,
): { loss: tf.Scalar; logits: tf.Tensor3D; labels: tf.Tensor } {
  const labels = nextTokens(given!);
  const { logits } = model.forward({ ids: ids!, pixels });
  return { loss: ops.meanSoftmaxCrossEntropy(logits, labels), logits, labels };
}

function dialogueLoss(model: Idefics3, batch: tf.NamedTensorMap): tf.Scalar {
  const { ids, labels, positions, documents } = batch;
  const { logits } = model.forward({ ids: ids!, positions, bias: ops.documentBias(documents!) });
  return ops.meanSoftmaxCrossEntropy(logits, nextTokens(labels!));
}

/**
 * Share of rows in which every token that counts is the likeliest one: those that are answered
 * exactly by whoever always says the likeliest token.
 */
function allRight(logits: tf.Tensor3D, labels: tf.Tensor): tf.Scalar {
  const isIgnored = tf.equal(labels, tf.scalar(ignoredLabel, "int32"));
  const isRight = tf.equal(logits.argMax(-1), labels).logicalOr(isIgnored);
  return isRight.toFloat().min(-1).mean<tf.Scalar>();
}
