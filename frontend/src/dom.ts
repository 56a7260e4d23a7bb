/** Building elements without a framework: attributes in, an element out. */

type Attribute = string | number | boolean | null | undefined;
type Child = Node | string | null | undefined | false;

/** An element with attributes and children; `false`, `null` and `undefined` leave them out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** A button that does `action` when pressed. */
export function button(
  attributes: Readonly<Record<string, Attribute>>,
  action: () => void,
  ...children: readonly Child[]
): HTMLButtonElement {
  const element = make("button", { type: "button", ...attributes }, ...children);
  element.addEventListener("click", action);
  return element;
}

/** A key as it is printed on a keyboard. */
export function keyCap(key: string): HTMLElement {
  return make("kbd", { class: "key", "aria-hidden": "true" }, key);
}

/** The JSON of a `<script type="application/json">`; undefined where the page has none. */
export function embeddedJson(id: string): unknown {
  const source = document.getElementById(id)?.textContent;
  return source ? JSON.parse(source) : undefined;
}

/** Registers a custom element once, however often its module is bundled. */
export function define(tag: string, element: CustomElementConstructor): void {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
