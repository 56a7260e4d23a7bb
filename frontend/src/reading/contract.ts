/** The JSON of judging, as the server sends and takes it. */

import type { Messages } from "../messages";
import type { FullImage } from "../x-ray/film";

export type QuestionType =
  | "one choice" | "several choices" | "yes or no" | "rating" | "number" | "text" | "marks"
  | "derived";

/** Another question has one of the values, any answer where none is listed; or, negated, not. */
export interface Condition {
  readonly question: string;
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** Lists of conditions, of which one list has to hold. */
export type Logic = readonly (readonly Condition[])[];

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly key: string;
}

export interface Question {
  readonly name: string;
  readonly type: QuestionType;
  readonly label: string;
  readonly help?: string;
  readonly required: boolean;
  readonly only_if: Logic | null;
  readonly choices: readonly Choice[];
  /** What the answer is about, and which image, side or region that is. */
  readonly scope?: "study" | "image" | "side" | "region";
  readonly part?: string;
  /** The same in words. */
  readonly where?: string;
  /** One choice: shown as a drop-down list. */
  readonly menu?: boolean;
  // Rating
  readonly points?: number;
  readonly first?: number;
  readonly lowest?: string;
  readonly highest?: string;
  readonly names?: readonly string[];
  // Yes or no
  readonly yes?: string;
  readonly no?: string;
  readonly key?: string;
  // Number
  readonly whole?: boolean;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly unit?: string;
  // Text
  readonly long?: boolean;
  readonly format?: string;
  readonly shortest?: number;
  readonly limit?: number;
  readonly prompt?: string;
  // Marks
  readonly kinds?: readonly MarkKind[];
  readonly labels?: readonly Choice[];
  readonly min?: number;
  readonly max?: number | null;
  // Derived: the value of the first rule that holds
  readonly rules?: readonly { readonly value: string; readonly when: Logic | null }[];
}

export type MarkKind = "box" | "dot" | "polygon" | "line";

/** In pixels of the image, from its upper left. A box has two opposite corners. */
export interface Mark {
  readonly kind: MarkKind;
  readonly points: readonly (readonly [number, number])[];
  readonly label: string;
}

/** By the type of the question: a value or a text, several values, a number, or marks. */
export type Answer = string | number | readonly string[] | readonly Mark[];
export type Answers = Readonly<Record<string, Answer>>;

/** What the shell page hands over in `#reading-data`. */
export interface ReadingData {
  readonly page_address: string;
  readonly submission_address: string;
  readonly end_address: string;
  /** Where what is not submitted yet is kept; empty in an owner's preview. */
  readonly draft_address: string;
  /** Empty where nobody can object: in an owner's preview. */
  readonly contest_address: string;
  readonly remarks_address: string;
  readonly contests_address: string;
  readonly report_address: string;
  /** What a reader can say is wrong with an image. */
  readonly reasons: readonly Reason[];
  /** Whether images may be turned and mirrored. */
  readonly turning?: boolean;
  /** Experts are told where their screen shows less than there is. */
  readonly expertise?: "lay" | "clinician" | "radiologist";
  /** Tells this participation's browser storage from that of others on the same computer. */
  readonly reader: string;
  /** Whether the owner takes questions about an image. */
  readonly discussion: boolean;
  /** How many of the owner's answers to objections are new. */
  readonly answered?: number;
  readonly csrf: string;
  readonly title: string;
  readonly notice: string;
  readonly design: {
    readonly version: number;
    readonly questions: readonly Question[];
    /** The owner's HTML around the questions, where there is some. */
    readonly form?: FormData | null;
  };
  readonly cannot_be_judged: { readonly label: string; readonly key: string };
  readonly messages: Messages;
}

/** Clean HTML: `<div data-question="name">` stands for a question, `<div data-group="i">` holds
 * what is shown where the i-th group's logic holds. */
export interface FormData {
  readonly html: string;
  readonly groups: readonly (Logic | null)[];
  /** Where each unit's own form is; "" where all have this one. */
  readonly address: string;
}

/** What a unit has of its own in the form. */
export interface UnitForm {
  readonly html: string;
  /** Labels by question. */
  readonly texts: Readonly<Record<string, string>>;
  /** Marks that somebody else drew, by question. */
  readonly marks: Readonly<Record<string, readonly Mark[]>>;
}

export interface Reason {
  readonly value: string;
  readonly label: string;
}

export interface UnitImage {
  readonly role: "frontal" | "lateral" | "prior";
  readonly address: string;
  readonly width: number;
  readonly height: number;
  readonly synthetic: boolean;
  /** The lossless rendition; null where the image came before there were any. */
  readonly full: FullImage | null;
}

export interface Unit {
  readonly place: number;
  /** What the owner lets readers see beside the image: names and values. */
  readonly context?: readonly (readonly [string, string])[];
  readonly images: readonly UnitImage[];
}

export type Mode = "practice" | "quiz" | "work";

export interface Page {
  readonly id: string;
  readonly mode: Mode;
  readonly design: number;
  /** Milliseconds UTC. */
  readonly expires_at: number;
  readonly minimum_seconds: number;
  readonly units: readonly Unit[];
}

export interface Progress {
  readonly judgments: number;
  readonly pages: number;
  readonly test_questions: number;
  readonly missed: number;
  /** 0 to 1; null before the first test question. */
  readonly accuracy: number | null;
  readonly quiz_length: number;
  readonly minimum_accuracy: number;
  readonly units_left: number;
  /** Whether a failed quiz can be taken again; the page route says it. */
  readonly may_retake?: boolean;
  /** Why somebody's work was ended. */
  readonly removed_for?: "" | "accuracy" | "answers" | "owner";
}

export type Ending =
  | "nothing left" | "maxed out" | "removed" | "failed quiz" | "paused" | "finished";

export type PageReply =
  | { readonly outcome: "page"; readonly page: Page; readonly progress: Progress }
  | { readonly outcome: Ending; readonly page: null; readonly progress: Progress };

export interface Judgment {
  readonly place: number;
  readonly answers: Answers;
  readonly cannot_be_judged: boolean;
  readonly milliseconds: number;
}

/** A part of an image: shares of its width and height, from the upper left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Of a test question that is hidden nothing is shown but whether it was missed. */
export interface Feedback {
  readonly place: number;
  readonly correct: boolean;
  readonly accepted: Readonly<Record<string, readonly (string | number)[]>>;
  readonly reasons: Readonly<Record<string, string>>;
  /** Where on the image the reason points, by question. */
  readonly places?: Readonly<Record<string, readonly Box[]>>;
}

export interface QuizResult {
  readonly passed: boolean;
  readonly correct: number;
  readonly of: number;
  readonly minimum_accuracy: number;
  /** Whether the minimum holds for each kind of image by itself. */
  readonly each_kind: boolean;
}

export interface SubmissionReply {
  readonly page: string;
  readonly outcome: "accepted";
  readonly mode: Mode;
  readonly quiz: QuizResult | null;
  /** How many judgments came too late for their images. */
  readonly late?: number;
  readonly feedback: readonly Feedback[];
  readonly progress: Progress;
}

/** An objection to a missed test question. */
export interface Contest {
  /** Until when the owner answers: milliseconds UTC. */
  readonly due_at: number;
  readonly decision: "" | "changed" | "kept";
  readonly answer: string;
}

export interface Remark {
  readonly from: "you" | "owner";
  readonly text: string;
  /** Milliseconds UTC. */
  readonly created_at: number;
}

export interface Problem {
  readonly place: number;
  /** Null where the place as a whole has the problem. */
  readonly question: string | null;
  readonly message: string;
}
