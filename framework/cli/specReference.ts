import type { SchemaRegistry } from "../spec/experimentSpec.ts";
import { describeSchema, type JsonSchema } from "../spec/jsonSchema.ts";

/** Everything that a spec can say. */
export interface SpecVocabulary {
  readonly common: SchemaRegistry;
  readonly optimizers: SchemaRegistry;
  readonly lrSchedules: SchemaRegistry;
  readonly callbacks: SchemaRegistry;
  /** Section schemas by experiment. */
  readonly experiments: Readonly<Record<string, SchemaRegistry>>;
  /** Keys of a sweep's file. */
  readonly sweep: SchemaRegistry;
  /** Keys of a sweep's `early_terminate`, by its `type`. */
  readonly pruners: SchemaRegistry;
  /** Keys of a sweep's `launcher`, by its `name`. */
  readonly launchers: SchemaRegistry;
  /** Forms that a sweep's parameter can have, by what tells them. */
  readonly parameters: SchemaRegistry;
}

const introduction = `# Specs

<!-- Generated from the JSON schemas by \`npm run docs:specs\`; do not edit. -->

A spec is a YAML file that says everything about a run. \`seedbed run SPEC\` runs it, \`seedbed validate SPEC\` checks it, \`seedbed run SPEC --print-spec\` prints it with every default filled in.

- \`extends: base/small.yaml\`, or a list of files, starts from other specs; paths are relative to the file. Mappings merge, lists and single values replace, and \`null\` drops a key that was extended.
- \`seedbed run SPEC trainer.maxSteps=10 callbacks.earlyStopping.patience=5\` sets single values; they are written in YAML.
- An unknown key, a wrong type or a value out of range is an error that names file and line.
- Paths to data and models are relative to the directory the command is run in.
`;

/** The reference of specs as Markdown, from the schemas that check them. */
export function specReference(vocabulary: SpecVocabulary): string {
  const { common, optimizers, lrSchedules, callbacks, experiments, sweep } = vocabulary;
  return [
    introduction,
    heading(2, "Common keys"),
    ...keyList(common),
    heading(2, "`optimizer`"),
    "`name` chooses one of the following, its options stand beside it.\n",
    ...parts(optimizers),
    heading(2, "`lrSchedule`"),
    "`name` chooses one of the following, its options stand beside it. `totalSteps` is `trainer.maxSteps` where that is given, with `interval: epoch` `trainer.maxEpochs`.\n",
    ...parts(lrSchedules),
    heading(2, "`callbacks`"),
    "A list; each entry is a name, or a name with options: `- earlyStopping: { patience: 3 }`. The name is that of a file in `callbacks/`. Without the key: `progressBar` and `modelCheckpoint`.\n",
    ...parts(callbacks),
    heading(2, "Sections of the experiments"),
    ...Object.entries(experiments)
      .toSorted(byName)
      .flatMap(([name, sections]) => [heading(3, `\`experiment: ${name}\``), ...keyList(sections)]),
    heading(2, "Sweeps"),
    "A file of `sweeps/`, for `seedbed sweep`; [sweeps.md](sweeps.md) says what becomes of it.\n",
    ...keyList(sweep),
    heading(3, "Types of `early_terminate`"),
    ...choices(vocabulary.pruners),
    heading(3, "Names of `launcher`"),
    "[clusters.md](clusters.md) says what becomes of each.\n",
    ...choices(vocabulary.launchers),
    heading(3, "Forms of a parameter"),
    "`parameters` has one for each key of the experiment's spec, by its name with dots; `parameters` below a key nests.\n",
    ...Object.entries(vocabulary.parameters).flatMap(([name, { properties = {}, required }]) => [
      heading(4, name),
      ...keyList(properties, required),
    ]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

const heading = (level: number, text: string): string => `${"#".repeat(level)} ${text}\n`;

function choices(registry: SchemaRegistry): string[] {
  return Object.entries(registry).flatMap(([name, { properties = {}, required }]) => [
    heading(4, `\`${name}\``),
    ...keyList(properties, required),
  ]);
}

function parts(registry: SchemaRegistry): string[] {
  return Object.entries(registry)
    .toSorted(byName)
    .flatMap(([name, { properties = {}, required = [] }]) => [
      heading(3, `\`${name}\``),
      ...keyList(properties, required),
    ]);
}

function keyList(properties: SchemaRegistry, required: readonly string[] = []): string[] {
  const lines = Object.entries(properties).flatMap(([key, schema]) =>
    keyLines(key, schema, required.includes(key)),
  );
  return [...(lines.length > 0 ? lines : ["No options."]), ""];
}

/** One line for a key, and one for each key below it. */
function keyLines(key: string, schema: JsonSchema, isRequired: boolean): string[] {
  const { properties = {}, required = [] } = objectSchema(schema);
  const below = Object.entries(properties).flatMap(([name, child]) =>
    keyLines(`${key}.${name}`, child, required.includes(name)),
  );
  const expected = escape(describeSchema(schema));
  const facts = [expected, ...(isRequired ? ["required"] : defaultOf(schema))].join(", ");
  const meaning = schema.description === undefined ? "" : ` ${escape(schema.description)}`;
  return [`- \`${key}\` (${facts})${meaning && `:${meaning}`}`, ...below];
}

/** The schema, or that alternative of it which lists keys. */
function objectSchema(schema: JsonSchema): JsonSchema {
  return (schema.anyOf ?? schema.oneOf ?? []).find(({ properties }) => properties) ?? schema;
}

function defaultOf({ default: value }: JsonSchema): string[] {
  if (value === undefined || JSON.stringify(value) === "{}") return [];
  return [`default \`${JSON.stringify(value)}\``];
}

/** Keeps pattern and placeholder characters from being read as Markdown, outside of code. */
function escape(text: string): string {
  return text
    .split("`")
    .map((piece, i) => (i % 2 === 1 ? piece : piece.replace(/[\\*_<[\]]/g, String.raw`\$&`)))
    .join("`");
}
