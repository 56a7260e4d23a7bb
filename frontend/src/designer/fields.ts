import { make } from "../dom";
import { text, type MessageName } from "../messages";

/** One field of a question: where it is kept, how it is filled in, and its usual value. */
export interface FieldSpec {
  readonly key: string;
  readonly kind: "text" | "area" | "number" | "check" | "select" | "kinds";
  readonly usual?: unknown;
  readonly options?: readonly string[];
}

const LABEL: FieldSpec = { key: "label", kind: "area" };
const HELP: FieldSpec = { key: "help", kind: "text" };
const NAME: FieldSpec = { key: "name", kind: "text" };
const REQUIRED: FieldSpec = { key: "required", kind: "check", usual: true };
const TESTED: FieldSpec = { key: "tested", kind: "check" };
const ORDER: FieldSpec = { key: "counterbalanced", kind: "check" };
const ASKED = [LABEL, HELP, REQUIRED];

export const FIELDS: Readonly<Record<string, readonly FieldSpec[]>> = {
  "one choice": [...ASKED, TESTED],
  "several choices": [...ASKED, TESTED],
  "yes or no": [...ASKED, TESTED],
  rating: [
    ...ASKED, TESTED, { key: "points", kind: "number", usual: 5 }, { key: "first", kind: "number", usual: 1 },
    { key: "lowest", kind: "text" }, { key: "highest", kind: "text" },
  ],
  number: [
    ...ASKED, { key: "whole", kind: "check" }, { key: "minimum", kind: "number", usual: null },
    { key: "maximum", kind: "number", usual: null }, { key: "unit", kind: "text" },
  ],
  text: [
    ...ASKED, { key: "long", kind: "check" },
    { key: "format", kind: "select", options: ["", "alpha", "alphanum", "digits", "date", "email", "url"] },
    { key: "shortest", kind: "number", usual: 0 }, { key: "longest", kind: "number", usual: 0 },
    { key: "prompt", kind: "text" },
  ],
  marks: [
    ...ASKED, { key: "kinds", kind: "kinds", options: ["box", "dot", "polygon", "line"] },
    { key: "min", kind: "number", usual: 0 }, { key: "max", kind: "number", usual: null },
    { key: "review", kind: "text" },
  ],
  derived: [LABEL, HELP, TESTED],
  hidden: [{ key: "value", kind: "text" }],
};

const AGGREGATION: FieldSpec = { key: "aggregation", kind: "select", options: ["", "agg", "cagg", "avg", "all"] };
const MORE: readonly FieldSpec[] = [
  NAME,
  { key: "scope", kind: "select", usual: "study", options: ["study", "image", "side", "region"] },
  { key: "part", kind: "text" },
  { key: "matching", kind: "select", usual: "any", options: ["any", "strict", "exact"] },
  AGGREGATION,
  { key: "threshold", kind: "number", usual: 0.5 },
];

/** What is seldom changed. */
export function moreFields(type: string): readonly FieldSpec[] {
  if (type === "hidden") return [NAME];
  const own: FieldSpec[] = type === "one choice" ? [ORDER, { key: "menu", kind: "check" }]
    : type === "several choices" ? [ORDER]
      : type === "yes or no" ? ["yes", "no", "key"].map((key) => ({ key, kind: "text", usual: YES_NO[key] }))
        : [];
  return [...MORE, ...own];
}

const YES_NO: Readonly<Record<string, string>> = { yes: "true", no: "false", key: "" };

let count = 0;

/** A field that reads from a record and writes to it; the usual value is left out. */
export function field(spec: FieldSpec, of: Record<string, unknown>, changed: () => void): HTMLElement {
  const id = `design-field-${(count += 1)}`;
  const words = text(`field_${spec.key}` as MessageName);
  const value = of[spec.key] ?? spec.usual ?? null;
  const write = (next: unknown): void => {
    if (next === (spec.usual ?? null) || next === "" && spec.usual === undefined) delete of[spec.key];
    else of[spec.key] = next;
    changed();
  };
  if (spec.kind === "check") return check(id, words, value === true, write);
  if (spec.kind === "kinds") return kinds(spec, words, value as string[] | null, write);
  const control = input(spec, id, value);
  control.addEventListener("input", () => write(read(spec, control.value)));
  return make("div", { class: "field" }, make("label", { for: id }, words), control);
}

function input(spec: FieldSpec, id: string, value: unknown): HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement {
  const shown = value === null ? "" : String(value);
  if (spec.kind === "select") {
    const options = (spec.options ?? []).map((option) =>
      make("option", { value: option, selected: option === shown },
        text(`option_${option || "usual"}` as MessageName)));
    return make("select", { id }, ...options);
  }
  const control = spec.kind === "area" ? make("textarea", { id, rows: 2 })
    : make("input", { id, inputmode: spec.kind === "number" ? "decimal" : null, autocomplete: "off" });
  control.value = shown;
  return control;
}

function read(spec: FieldSpec, typed: string): unknown {
  if (spec.kind !== "number") return typed;
  const number = Number(typed.trim().replace(",", "."));
  return typed.trim() === "" || !Number.isFinite(number) ? spec.usual ?? null : number;
}

export function check(
  id: string, words: string, isOn: boolean, write: (isOn: boolean, box: HTMLInputElement) => void,
): HTMLElement {
  const box = make("input", { type: "checkbox", id, checked: isOn });
  box.addEventListener("change", () => write(box.checked, box));
  return make("div", { class: "field check" }, box, make("label", { for: id }, words));
}

function kinds(
  spec: FieldSpec, words: string, value: string[] | null, write: (next: unknown) => void,
): HTMLElement {
  const chosen = new Set(value ?? ["box"]);
  const boxes = (spec.options ?? []).map((option) =>
    check(`design-kind-${(count += 1)}`, text(`option_${option}` as MessageName), chosen.has(option), (isOn) => {
      if (isOn) chosen.add(option);
      else chosen.delete(option);
      write((spec.options ?? []).filter((one) => chosen.has(one)));
    }));
  return make("fieldset", { class: "field" }, make("legend", {}, words), ...boxes);
}
