import type { EvaluatedRun, JsonObject, JsonValue, Report, ReportBlock } from "seedbed";

import {
  metricsTable,
  runsTable,
  settingsBlocks,
  shownColumns,
  trainingTable,
} from "./evaluationTables.ts";
import { groupRuns, numbersOf, type JudgedSubject, type Numbers, type RunGroup } from "./judged.ts";
import { meansOverSubjects } from "./meansOverSubjects.ts";
import { pictureBlocks } from "./pictureBlocks.ts";

/** Puts what was found into tables, charts and pictures. */
export async function evaluationReport(
  subjects: readonly JudgedSubject[],
  runs: readonly EvaluatedRun[],
  features: string,
): Promise<Report> {
  const groups = groupsOf(subjects);
  const all = groups.flat();
  const columns = shownColumns(subjects);
  const pictures: ReportBlock[] = [];
  for (const [i, subject] of subjects.entries()) {
    pictures.push(...(await pictureBlocks(subject, groups[i]!, i)));
  }
  const blocks: ReportBlock[] = [
    introduction(subjects, features),
    metricsTable(subjects, groups, columns),
    {
      kind: "text",
      text: "",
      terms: columns.map(({ label, meaning }) => [label, meaning]),
    },
    ...meansOverSubjects(subjects, columns),
    ...(all.length > 1 ? [chart(all)] : []),
    { kind: "heading", text: "Training" },
    trainingTable(all),
    ...settingsBlocks(all, runs),
    ...pictures,
    { kind: "heading", text: "Runs" },
    runsTable(all, columns),
  ];
  const names = [...new Set(subjects.map(({ question }) => question.subject.prompt))];
  return {
    title: `DreamBooth: ${names.join(", ")}`,
    blocks,
    data: dataOf(subjects, groups, features),
  };
}

/** Groups of each subject; those that have one name for several subjects get the subject's, too. */
function groupsOf(subjects: readonly JudgedSubject[]): RunGroup[][] {
  const groups = subjects.map(({ runs }) => groupRuns(runs));
  const names = groups.flat().map(({ name }) => name);
  const isShared = (name: string): boolean => names.indexOf(name) !== names.lastIndexOf(name);
  return groups.map((own, i) => {
    const { prompt } = subjects[i]!.question.subject;
    return own.map((group) =>
      isShared(group.name) ? { ...group, name: `${group.name}, ${prompt}` } : group,
    );
  });
}

function introduction(subjects: readonly JudgedSubject[], features: string): ReportBlock {
  const parts = subjects.map(({ question, base, runs }) => {
    const { subject, class: ofClass, sampling, coloured } = question;
    const each = coloured[0]
      ? ` and ${coloured[0].count} on each of ${coloured.length} colours`
      : "";
    const of = runs.length === 1 ? "one run" : `${runs.length} runs`;
    const lacks = base.pictures.has(subject.prompt) ? "" : "; the base does not know the name";
    return `"${subject.prompt}", ${of}: ${subject.count} pictures of it and of "${ofClass.prompt}"${each}, from seed ${subject.seed} on, in ${sampling.steps} DDIM steps of guidance ${sampling.guidanceScale} and eta ${sampling.eta}${lacks}.`;
  });
  return { kind: "text", text: `${parts.join(" ")} Features: ${features}.` };
}

function chart(groups: readonly RunGroup[]): ReportBlock {
  const nothing = { mean: Number.NaN };
  return {
    kind: "chart",
    name: "fidelity-and-diversity",
    x: "diversity of class pictures ÷ base",
    y: "fidelity to the subject",
    points: groups.map(({ name, numbers }) => ({
      label: name,
      x: numbers["diversityRatio"] ?? nothing,
      y: numbers["fidelity"] ?? nothing,
    })),
  };
}

/** The same for programs. */
function dataOf(
  subjects: readonly JudgedSubject[],
  groups: readonly RunGroup[][],
  features: string,
): JsonObject {
  return {
    features,
    subjects: subjects.map(({ question, base }, i) => ({
      prompt: question.subject.prompt,
      base: plain({ ...base.metrics }),
      groups: groups[i]!.map(({ name, numbers, runs }) => ({
        name,
        numbers: Object.fromEntries(
          Object.entries(numbers).map(([key, value]): [string, JsonValue] => [
            key,
            value ? { ...value, deviation: value.deviation ?? null } : null,
          ]),
        ),
        runs: runs.map((judged) => ({
          id: judged.run.stored.manifest.id,
          folder: judged.run.stored.folder,
          seed: judged.run.spec.seed,
          weights: judged.weights.name ?? null,
          numbers: plain(numbersOf(judged)),
        })),
      })),
    })),
  };
}

const plain = (numbers: Numbers): JsonObject =>
  Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, value ?? null]));
