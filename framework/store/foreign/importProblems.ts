const mostProblems = 20;

/** What an import could not take over, for a person: the first ones, and how many more. */
export class ImportProblems {
  readonly #problems: Set<string>;

  constructor(problems: Iterable<string>) {
    this.#problems = new Set(problems);
  }

  add(problem: string): void {
    this.#problems.add(problem);
  }

  list(): readonly string[] {
    const all = [...this.#problems];
    if (all.length <= mostProblems) return all;
    return [...all.slice(0, mostProblems), `and ${all.length - mostProblems} more like these`];
  }
}
