import { make } from "../dom";
import { text } from "../messages";
import { load, save } from "../storage";

const STORED = "overread:theme";

interface Stored {
  readonly at: number;
  readonly isLight: boolean;
}

/** Dark is right for looking at X-rays; whoever reads in a bright room may choose light. */
export function themeChoice(): HTMLElement {
  const box = make("input", { type: "checkbox" });
  box.checked = load<Stored>(STORED)?.isLight ?? false;
  const apply = (): void => void document.documentElement.toggleAttribute("data-light", box.checked);
  box.addEventListener("change", () => {
    save(STORED, { at: Date.now(), isLight: box.checked } as Stored);
    apply();
  });
  apply();
  return make("label", { class: "keys-off" }, box, text("theme_light"));
}
