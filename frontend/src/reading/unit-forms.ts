import { text } from "../messages";
import { Refusal, type Api } from "./api";
import type { Page, UnitForm } from "./contract";
import { reason } from "./problems";
import type { Status } from "./status";

type Forms = Readonly<Record<string, UnitForm>>;

/** What each unit of a page has of its own, which comes after the page. */
export class UnitForms {
  readonly #address: string;
  readonly #page: Page;
  readonly #api: Api;
  readonly #status: Status;
  #forms: Forms | undefined;
  #isFetching = false;

  /** `address` tells where they are; without one there are none. */
  constructor(address: string | undefined, page: Page, api: Api, status: Status) {
    this.#address = address ?? "";
    this.#page = page;
    this.#api = api;
    this.#status = status;
  }

  /** Whether all that readers have to see before they submit is there. */
  get areHere(): boolean {
    return !this.#address || this.#forms !== undefined;
  }

  of(place: number): UnitForm | undefined {
    return this.#forms?.[place];
  }

  /** Asks the server, and tells once they are there; one that fails can be asked again. */
  async fetch(came: () => void): Promise<void> {
    if (this.areHere || this.#isFetching) return;
    this.#isFetching = true;
    try {
      this.#forms = await this.#api.forms(this.#address, this.#page.id);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#status.fail(reason(error), text("try_again"), () => void this.fetch(came));
      return;
    } finally {
      this.#isFetching = false;
    }
    came();
  }
}
