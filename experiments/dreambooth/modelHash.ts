import { hashFiles, modelFiles } from "seedbed";

/**
 * Content hash of what decides a pipeline's pictures: weights, settings, vocabulary.
 *
 * @param source a pipeline's folder, or the file that holds all of it
 */
export function modelHash(source: string): string {
  return hashFiles(modelFiles(source));
}
