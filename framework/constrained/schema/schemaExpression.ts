import { isJsonObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { jsonCharacter } from "../characters.ts";
import { ConstraintError } from "../constraintError.ts";
import { exceptWords } from "../exceptWords.ts";
import type { Expression, Expressions } from "../expressions.ts";
import { numberMachine } from "../machines/numberMachine.ts";
import { patternExpression } from "../pattern.ts";
import { areApart } from "./areApart.ts";
import { enumValues } from "./enumValues.ts";
import { formatPatterns } from "./formats.ts";
import {
  checkKeywords,
  keywordsOf,
  typesOf,
  type CheckedSchema,
  type Schema,
  type TypeName,
} from "./keywords.ts";
import { mergeSchemas } from "./mergeSchemas.ts";
import { ValueCheck } from "./valueCheck.ts";

/** Deepest nesting of schemas, as written. */
const deepest = 100;
/** Most alternatives that a schema may come to when several lists of them are joined. */
const mostAlternatives = 256;

/**
 * JSON texts that fit a schema, as `JSON.stringify` writes them: without spaces, properties in the
 * schema's order. Not all that fit: properties that the schema does not name are written only where
 * `additionalProperties` has a schema for them, numbers have at most 15 digits and no exponent.
 *
 * @param schema JSON Schema of draft 2020-12, with `definitions` of older ones
 * @param name tells its rules from those of other schemas of the same expressions
 * @throws {ConstraintError} for keywords that are not followed, saying where, and for a schema that
 *   nothing fits
 */
export function schemaExpression(make: Expressions, schema: Schema, name = ""): Expression {
  const compiler = new SchemaCompiler(make, schema, name);
  const expression = compiler.value(schema, `${name}#`, 0);
  compiler.finish();
  if (make.distance(expression) < Infinity) return expression;
  throw new ConstraintError("no value fits the schema", `${name}#`);
}

/** A property: its name with a colon, and what its value may be. */
interface Member {
  readonly name: Uint8Array;
  readonly value: Expression;
}

class SchemaCompiler {
  readonly #make: Expressions;
  readonly #root: Schema;
  readonly #name: string;
  readonly #open: string[] = [];
  readonly #known = new Set<string>();
  readonly #character: Expression;
  readonly #values: ValueCheck;

  constructor(make: Expressions, root: Schema, name: string) {
    this.#make = make;
    this.#root = root;
    this.#name = name;
    this.#character = jsonCharacter(make);
    this.#values = new ValueCheck(make, (reference, place) => this.#at(reference, place));
  }

  /** Compiles what is referred to, until nothing is left. */
  finish(): void {
    for (let name = this.#open.pop(); name !== undefined; name = this.#open.pop()) {
      const rule =
        name === anything ? this.#anything() : this.value(this.#at(name), this.#ruleName(name), 0);
      this.#make.define(this.#ruleName(name), rule);
    }
  }

  /** @param place of the schema, as a JSON pointer */
  value(given: Schema, place: string, depth: number): Expression {
    if (depth > deepest) throw new ConstraintError(`it is nested more than ${deepest} deep`, place);
    if (given === true) return this.#rule(anything);
    if (given === false) return this.#make.never;
    checkKeywords(given, place);
    const keywords = keywordsOf(given);
    if (keywords.length === 0) return this.#rule(anything);
    if (keywords.length === 1 && given.$ref !== undefined) {
      const target = given.$ref;
      this.#at(target, place);
      return this.#rule(target);
    }
    const options = this.#alternatives(given, place, []);
    return this.#make.choice(
      ...options.map((each) =>
        typeof each === "boolean"
          ? this.value(each, place, depth + 1)
          : this.#plain(each, place, depth),
      ),
    );
  }

  /** Schemas without references, `allOf`, `anyOf` and `oneOf` of which a value has to fit one. */
  #alternatives(given: Schema, place: string, within: readonly string[]): Schema[] {
    if (typeof given === "boolean") return [given];
    checkKeywords(given, place);
    const { $ref, allOf, anyOf, oneOf, ...own } = given;
    const branches = (list: readonly Schema[], key: string): Schema[] =>
      list.flatMap((each, i) => this.#alternatives(each, `${place}/${key}/${i}`, within));
    let found: Schema[] = [own];
    const join = (others: readonly Schema[]): void => {
      if (found.length * others.length > mostAlternatives) {
        throw new ConstraintError(`it comes to more than ${mostAlternatives} alternatives`, place);
      }
      found = found.flatMap((a) => others.map((b) => mergeSchemas(a, b, place)));
    };
    if ($ref !== undefined) {
      const target = $ref;
      if (within.includes(target)) {
        throw new ConstraintError(`${target} refers to itself without anything around it`, place);
      }
      join(this.#alternatives(this.#at(target, place), target, [...within, target]));
    }
    for (const [i, each] of (allOf ?? []).entries()) {
      join(this.#alternatives(each, `${place}/allOf/${i}`, within));
    }
    if (anyOf !== undefined) join(branches(anyOf, "anyOf"));
    if (oneOf !== undefined) {
      const options = branches(oneOf, "oneOf");
      if (!areApart(options)) {
        throw new ConstraintError(
          "expected alternatives of oneOf that no value can fit two of, such as of different types or with different constants in a required property; say anyOf where it does not matter",
          place,
        );
      }
      join(options);
    }
    return found;
  }

  #plain(schema: JsonObject, place: string, depth: number): Expression {
    checkKeywords(schema, place);
    if (schema["enum"] !== undefined || schema["const"] !== undefined) {
      const values = enumValues(schema, this.#values, place);
      return this.#make.choice(...values.map((value) => this.#make.text(JSON.stringify(value))));
    }
    return this.#make.choice(
      ...typesOf(schema).map((type) => this.#ofType(type, schema, place, depth)),
    );
  }

  #ofType(type: TypeName, schema: CheckedSchema, place: string, depth: number): Expression {
    const make = this.#make;
    switch (type) {
      case "null":
        return make.text("null");
      case "boolean":
        return make.choice(make.text("true"), make.text("false"));
      case "integer":
      case "number":
        return make.machine(numberMachine({ ...schema, isInteger: type === "integer" }));
      case "string":
        return this.#quoted(this.#string(schema, place));
      case "array":
        return this.#array(schema, place, depth);
      case "object":
        return this.#object(schema, place, depth);
      default:
        return type satisfies never;
    }
  }

  #quoted(content: Expression): Expression {
    return this.#make.sequence(this.#make.text('"'), content, this.#make.text('"'));
  }

  #string(schema: CheckedSchema, place: string): Expression {
    const { minLength = 0, maxLength, pattern, format } = schema;
    const make = this.#make;
    const [least, most] = [minLength, maxLength ?? Infinity];
    if (least > most) return make.never;
    const parts: Expression[] = [];
    if (pattern !== undefined) {
      parts.push(patternExpression(make, pattern, { writing: "json", place }));
    }
    if (format !== undefined) parts.push(this.#format(format, place));
    const isAnyLength = least === 0 && most === Infinity;
    if (parts.length === 0 || !isAnyLength) parts.push(make.repeat(this.#character, least, most));
    return parts.reduce((a, b) => make.intersection(a, b));
  }

  #format(format: string, place: string): Expression {
    const pattern = Object.hasOwn(formatPatterns, format) ? formatPatterns[format] : undefined;
    if (pattern !== undefined) {
      return patternExpression(this.#make, pattern, { writing: "json", isWhole: true, place });
    }
    const names = Object.keys(formatPatterns).join(", ");
    throw new ConstraintError(`expected a format of ${names}, got ${format}`, place);
  }

  #array(schema: CheckedSchema, place: string, depth: number): Expression {
    const make = this.#make;
    const { items = true, prefixItems = [], minItems = 0, maxItems } = schema;
    const first = prefixItems.map((each, i) =>
      this.value(each, `${place}/prefixItems/${i}`, depth + 1),
    );
    const rest = items === false ? make.never : this.value(items, `${place}/items`, depth + 1);
    const [least, most] = [minItems, maxItems ?? Infinity];
    if (least > most) return make.never;
    const comma = make.text(",");
    /** From the item of this place on, each with a comma before it but the very first. */
    const from = (at: number): Expression => {
      if (at >= most) return make.empty;
      const before = at === 0 ? make.empty : comma;
      if (at < first.length) {
        const more = make.sequence(before, first[at]!, from(at + 1));
        return at < least ? more : make.optional(more);
      }
      const others = make.repeat(
        make.sequence(comma, rest),
        Math.max(0, least - Math.max(at, 1)),
        most - Math.max(at, 1),
      );
      if (at > 0) return others;
      const some = make.sequence(rest, others);
      return least > 0 ? some : make.optional(some);
    };
    return make.sequence(make.text("["), from(0), make.text("]"));
  }

  #object(schema: CheckedSchema, place: string, depth: number): Expression {
    const make = this.#make;
    const properties = Object.entries(schema.properties ?? {});
    const required = new Set(schema.required);
    const extra = this.#extra(schema, properties, place, depth);
    const named = new Set(properties.map(([name]) => name));
    const unnamed = [...required].filter((name) => !named.has(name));
    const members = [
      ...properties.map(([name, each]) => ({
        isRequired: required.has(name),
        ...this.#member(name, each, `${place}/properties/${name}`, depth),
      })),
      ...unnamed.map((name) => {
        const other = schema.additionalProperties ?? true;
        return { isRequired: true, ...this.#member(name, other, place, depth) };
      }),
    ];
    this.#checkCounts(schema, members, extra !== undefined, place);
    const comma = make.text(",");
    /** Members from one on, by whether one is there already. */
    const tails = [false, true].map((isFollowing) =>
      this.#extras(schema, extra, members.length, isFollowing),
    );
    for (const { isRequired, name, value } of members.toReversed()) {
      const [first, other] = [tails[0]!, tails[1]!];
      const after = make.literalBefore(name, make.sequence(value, other));
      const next = [after, make.sequence(comma, after)];
      tails[0] = isRequired ? next[0]! : make.either(next[0]!, first);
      tails[1] = isRequired ? next[1]! : make.either(next[1]!, other);
    }
    return make.sequence(make.text("{"), tails[0]!, make.text("}"));
  }

  #member(name: string, schema: Schema, place: string, depth: number): Member {
    const value = this.value(schema, place, depth + 1);
    return { name: new TextEncoder().encode(`${JSON.stringify(name)}:`), value };
  }

  /** A member that the schema does not name; undefined where none are written. */
  #extra(
    schema: CheckedSchema,
    properties: readonly (readonly [string, Schema])[],
    place: string,
    depth: number,
  ): Expression | undefined {
    const { additionalProperties: other, propertyNames } = schema;
    const isOpen = other === undefined ? properties.length === 0 : other !== false;
    if (!isOpen) return undefined;
    const make = this.#make;
    const names = [...properties.map(([name]) => name), ...(schema.required ?? [])];
    const words = names.map((name) => new TextEncoder().encode(JSON.stringify(name).slice(1, -1)));
    const content = this.#keys(propertyNames, place);
    const key = this.#quoted(exceptWords(make, content, words));
    const value = this.value(other ?? true, `${place}/additionalProperties`, depth + 1);
    return make.sequence(key, make.text(":"), value);
  }

  #keys(names: Schema | undefined, place: string): Expression {
    if (names === undefined || names === true) return this.#make.repeat(this.#character);
    const at = `${place}/propertyNames`;
    const contents = this.#alternatives(names, at, []).map((each) => {
      if (typeof each === "boolean")
        return each ? this.#make.repeat(this.#character) : this.#make.never;
      if (each["enum"] === undefined && each["const"] === undefined) return this.#string(each, at);
      const texts = enumValues(each, this.#values, at).filter((value) => typeof value === "string");
      return this.#make.choice(
        ...texts.map((value) => this.#make.text(JSON.stringify(value).slice(1, -1))),
      );
    });
    return this.#make.choice(...contents);
  }

  #extras(
    { minProperties = 0, maxProperties = Infinity }: CheckedSchema,
    extra: Expression | undefined,
    members: number,
    isFollowing: boolean,
  ): Expression {
    const make = this.#make;
    if (extra === undefined) return make.empty;
    const comma = make.text(",");
    const isCounted = members === 0;
    const least = isCounted ? minProperties : 0;
    const most = isCounted ? maxProperties : Infinity;
    const more = make.sequence(comma, extra);
    if (isFollowing) return make.repeat(more, least, most);
    if (most === 0) return make.empty;
    const some = make.sequence(extra, make.repeat(more, Math.max(0, least - 1), most - 1));
    return least > 0 ? some : make.optional(some);
  }

  /** @throws {ConstraintError} for counts that only members together can meet */
  #checkCounts(
    { minProperties = 0, maxProperties = Infinity }: CheckedSchema,
    members: readonly { readonly isRequired: boolean }[],
    hasExtra: boolean,
    place: string,
  ): void {
    if (members.length === 0) return;
    const needed = members.filter(({ isRequired }) => isRequired).length;
    const most = hasExtra ? Infinity : members.length;
    const isMet = minProperties <= needed;
    if (isMet && maxProperties >= most) return;
    throw new ConstraintError(
      "minProperties and maxProperties are supported where properties are not named, or required ones meet them",
      place,
    );
  }

  #anything(): Expression {
    const any = this.#rule(anything);
    const make = this.#make;
    const list = (item: Expression): Expression =>
      make.optional(make.sequence(item, make.repeat(make.sequence(make.text(","), item))));
    const text = this.#quoted(make.repeat(this.#character));
    const member = make.sequence(text, make.text(":"), any);
    return make.choice(
      ...["null", "true", "false"].map((word) => make.text(word)),
      make.machine(numberMachine({ isInteger: false })),
      text,
      make.sequence(make.text("["), list(any), make.text("]")),
      make.sequence(make.text("{"), list(member), make.text("}")),
    );
  }

  #rule(name: string): Expression {
    if (!this.#known.has(name)) {
      this.#known.add(name);
      this.#open.push(name);
    }
    return this.#make.rule(this.#ruleName(name));
  }

  #ruleName(name: string): string {
    return `${this.#name}${name}`;
  }

  /** @throws {ConstraintError} when the schema has nothing there */
  #at(reference: string, place = reference): Schema {
    if (reference === "#") return this.#root;
    let found: JsonValue | undefined = reference.startsWith("#/") ? this.#root : undefined;
    for (const part of decoded(reference.slice(2)).split("/")) {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (Array.isArray(found)) found = found[Number(key)];
      else found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    if (typeof found === "boolean") return found;
    if (isJsonObject(found)) return found;
    throw new ConstraintError(
      `expected $ref to name a schema inside this one, such as #/$defs/name, got ${reference}`,
      place,
    );
  }
}

/** A reference as it is meant; one that is written wrong stays as it is, and names nothing. */
function decoded(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}

/** Rule of any JSON value; no reference has this name. */
const anything = "any value";
