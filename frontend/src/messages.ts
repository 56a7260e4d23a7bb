import { embeddedJson } from "./dom";

/** The words that the server hands over, translated; `{name}` is filled in here. */
export interface Messages {
  // The X-ray element
  /** X-ray image */
  readonly image: string;
  /** Loading the image… */
  readonly image_loading: string;
  /** This image could not be loaded. */
  readonly image_failed: string;
  /** synthetic */
  readonly synthetic: string;
  /** Image tools */
  readonly tools: string;
  /** Zoom in */
  readonly tool_zoom_in: string;
  /** Zoom out */
  readonly tool_zoom_out: string;
  /** Fit the whole image */
  readonly tool_fit: string;
  /** Actual pixels (1:1) */
  readonly tool_actual_pixels: string;
  /** Brightness */
  readonly tool_brightness: string;
  /** Contrast */
  readonly tool_contrast: string;
  /** Invert black and white */
  readonly tool_invert: string;
  /** Reset the image */
  readonly tool_reset: string;
  // The reading page: units and answers
  /** All images of the page at once, or one at a time */
  readonly sheet: string;
  /** All at once */
  readonly sheet_short: string;
  /** All images of this page are shown. */
  readonly sheet_on: string;
  /** One image at a time is shown. */
  readonly sheet_off: string;
  /** Compare with an example */
  readonly compare: string;
  /** Compare with the current image */
  readonly compare_this: string;
  /** Example: {caption} */
  readonly example: string;
  /** Image {number} of {count} */
  readonly unit_heading: string;
  /** Images of this page */
  readonly units_of_page: string;
  /** Image {number}, {state} */
  readonly unit_with_state: string;
  /** not answered */
  readonly unit_open: string;
  /** answered */
  readonly unit_answered: string;
  /** right */
  readonly unit_correct: string;
  /** missed */
  readonly unit_missed: string;
  /** frontal view */
  readonly role_frontal: string;
  /** lateral view */
  readonly role_lateral: string;
  /** earlier image */
  readonly role_prior: string;
  /**
   * This image could not be loaded. Report it with one key and go on, or reload the page: no
   * answer to it is needed.
   */
  readonly image_failed_next: string;
  /** Back */
  readonly back: string;
  /** Next */
  readonly next: string;
  /** Continue */
  readonly go_on: string;
  /** Submit page */
  readonly submit_page: string;
  /** Please answer first: {question} */
  readonly answer_missing: string;
  /** A number is needed here: {question} */
  readonly answer_number: string;
  /** More or less is needed here: {question} */
  readonly answer_range: string;
  /** Too short or too long: {question} */
  readonly answer_length: string;
  /** Not in the form that is asked for: {question} */
  readonly answer_format: string;
  /** Yes */
  readonly yes: string;
  /** No */
  readonly no: string;
  /** Choose… */
  readonly choose: string;
  /** Follows from your answers */
  readonly derived_open: string;
  /** Image {number} still needs an answer. */
  readonly unit_missing: string;
  /** Please take another look: this page can be submitted in {seconds} seconds. */
  readonly too_soon: string;
  /** The rest of this page is still coming. Please submit it when it is there. */
  readonly forms_coming: string;
  /** Getting the next page… */
  readonly page_loading: string;
  /** Page saved. */
  readonly page_saved: string;
  /** Page saved. Images that had gone to others meanwhile: {count}. */
  readonly page_saved_late: string;
  /** in {seconds} s */
  readonly in_seconds: string;
  /** Practice: this does not count */
  readonly practice: string;
  /** Practice done */
  readonly practice_done: string;
  /**
   * {correct} of {count} right, and none of it counts. Look at the reasons; the quiz comes next,
   * with other images.
   */
  readonly practice_done_words: string;
  // The reading page: progress
  /** Quiz */
  readonly quiz: string;
  /** {count} images, {minimum} right to pass */
  readonly quiz_progress: string;
  /** {done} done · {left} left */
  readonly work_progress: string;
  readonly work_progress_many: string;
  /** your accuracy {accuracy} */
  readonly own_accuracy: string;
  /** Progress */
  readonly progress: string;
  /** images judged */
  readonly figure_judgments: string;
  /** pages */
  readonly figure_pages: string;
  /** test questions seen */
  readonly figure_test_questions: string;
  /** your accuracy on them */
  readonly figure_accuracy: string;
  // The reading page: test questions after a submission
  /** You passed the quiz */
  readonly quiz_passed: string;
  /** {correct} of {count} right; {minimum} were needed. Look at the reasons, then start. */
  readonly quiz_passed_words: string;
  /** You did not pass the quiz */
  readonly quiz_failed: string;
  /** {correct} of {count} right; {minimum} were needed. The reasons are shown with each image. */
  readonly quiz_failed_words: string;
  /** {correct} of {count} right; {minimum} were needed of each kind of image. */
  readonly quiz_failed_each_kind: string;
  /** Your answer was right */
  readonly verdict_correct: string;
  /** This was a test question, and your answer differs */
  readonly verdict_missed: string;
  /** Your answer differs from the accepted one */
  readonly verdict_differs: string;
  /** Your answer */
  readonly your_answer: string;
  /** Accepted answer */
  readonly accepted_answer: string;
  /** no answer */
  readonly no_answer: string;
  /** The accepted answer to this one is not shown. */
  readonly answer_not_shown: string;
  /** Show the place */
  readonly show_place: string;
  /** Object */
  readonly object: string;
  /** Why do you think that your answer is right? */
  readonly object_label: string;
  /** Your objection is with the owner. You will have an answer by {date}. */
  readonly object_sent: string;
  /** Your objections and the answers */
  readonly objections: string;
  /** Answers from the job's owner that you have not seen: {count}. */
  readonly objections_answered: string;
  /** Send */
  readonly send: string;
  /** Cancel */
  readonly cancel: string;
  /** Please write something first. */
  readonly writing_empty: string;
  /** Ask about this image */
  readonly ask: string;
  /** Questions and answers */
  readonly thread: string;
  /**
   * Your question goes to the owner. You see your own questions and the answers to them; what
   * others ask is not shown, so that nobody is swayed.
   */
  readonly thread_words: string;
  /** Getting the answers… */
  readonly thread_loading: string;
  /** Your question */
  readonly remark_label: string;
  /** You */
  readonly remark_you: string;
  /** The owner */
  readonly remark_owner: string;
  // The reading page: ends
  /** All done for now */
  readonly end_nothing_left: string;
  /**
   * You have judged every image that is open to you. When new ones come, the same link brings
   * you back.
   */
  readonly end_nothing_left_words: string;
  /** You have done your share */
  readonly end_maxed_out: string;
  /** Each contributor judges a limited number of images here, and you have reached that number. */
  readonly end_maxed_out_words: string;
  /** Your work on this job has ended */
  readonly end_removed: string;
  /** What you did is kept and is not counted; others judge those images again. */
  readonly end_removed_words: string;
  /** Your accuracy on the test questions is {accuracy}; this job needs {minimum}. */
  readonly end_removed_accuracy: string;
  /**
   * One of your answers comes so much more often or more rarely than this job's images allow that
   * chance does not explain it.
   */
  readonly end_removed_answers: string;
  /** The owner of the job has ended your work on it. */
  readonly end_removed_owner: string;
  /**
   * Your answers to the test questions, all together or to one kind of them, were below what this
   * job needs.
   */
  readonly end_removed_quality: string;
  /** The quiz was not passed */
  readonly end_failed_quiz: string;
  /** There are no images for a quiz that you have not seen yet. */
  readonly end_failed_quiz_words: string;
  /** {accuracy} of your answers in the quiz were right; this job needs {minimum}. */
  readonly end_failed_quiz_why: string;
  /**
   * {accuracy} of your answers in the quiz were right, but on one kind of image fewer than the
   * {minimum} that this job needs.
   */
  readonly end_failed_quiz_kind: string;
  /** You can take it again with images that you have not seen. Only the new quiz counts then. */
  readonly end_failed_quiz_again: string;
  /**
   * It can't be taken again, so your way ends here. What you did is kept, and is not part of the
   * results. Thank you for your time.
   */
  readonly end_failed_quiz_kept: string;
  /** Take the quiz again with new images */
  readonly retake: string;
  /** The job is paused */
  readonly end_paused: string;
  /**
   * The owner has paused this job. Everything you submitted is saved; come back later with the
   * same link.
   */
  readonly end_paused_words: string;
  /** The job is finished */
  readonly end_finished: string;
  /** All images have been judged. Thank you: your work is part of the result. */
  readonly end_finished_words: string;
  /** Go to your summary */
  readonly end_link: string;
  // The reading page: problems
  /** The server can't be reached. Check the connection. */
  readonly problem_offline: string;
  /** The server had a problem. */
  readonly problem_server: string;
  /**
   * You are signed out. Your answers are kept in this browser: sign in again through your link
   * in another tab, then reload this page.
   */
  readonly problem_signed_out: string;
  /**
   * This page was open too long and its images went back to the others. Pages you submitted
   * before are safe. Take a new page.
   */
  readonly problem_expired: string;
  /** Your answers are kept in this browser. */
  readonly problem_kept: string;
  /** Your answers are safe in this browser */
  readonly waiting: string;
  /**
   * They are sent by themselves as soon as the server can be reached. You can close this page:
   * open it again in this browser within a week, and they are sent then.
   */
  readonly waiting_words: string;
  /**
   * They are sent by themselves as soon as the server can be reached. Please keep this page open:
   * this browser stores nothing once it is closed.
   */
  readonly waiting_unstored: string;
  /** Send now */
  readonly send_now: string;
  /** Try again */
  readonly try_again: string;
  /** Reload */
  readonly reload: string;
  /** Take a new page */
  readonly new_page: string;
  // The reading page: instructions and keys
  /** Instructions */
  readonly instructions: string;
  /** Close */
  readonly close: string;
  /** Keys */
  readonly keys: string;
  /** choose an answer of the marked question */
  readonly key_answer: string;
  /** question above or below */
  readonly key_question: string;
  /** next image, or submit the page */
  readonly key_enter: string;
  /** image before or after */
  readonly key_units: string;
  /** zoom in or out */
  readonly key_zoom: string;
  /** move a zoomed image */
  readonly key_pan: string;
  /** brighter or darker */
  readonly key_brightness: string;
  /** more or less contrast */
  readonly key_contrast: string;
  /** show or hide the marked place */
  readonly key_marks: string;
  /** object to a missed test question */
  readonly key_object: string;
  /**
   * With the mouse: wheel to zoom, drag to move, right drag for contrast and brightness, double
   * click to enlarge and to fit. With fingers: pinch and drag.
   */
  readonly keys_pointer: string;
  // The X-ray element: tools and what they say
  /** lossless */
  readonly shown_lossless: string;
  /** compressed preview */
  readonly shown_lossy: string;
  /** compressed preview; the full image could not be loaded */
  readonly shown_failed: string;
  /** Next window preset */
  readonly tool_preset: string;
  /** Equalise */
  readonly tool_equalise: string;
  /** Magnifying glass */
  readonly tool_glass: string;
  /** Ruler */
  readonly tool_ruler: string;
  /** Turn left */
  readonly tool_turn_left: string;
  /** Turn right */
  readonly tool_turn_right: string;
  /** Mirror left and right */
  readonly tool_mirror: string;
  /** As the image came */
  readonly preset_first: string;
  /** Window {number} of the image */
  readonly preset_own: string;
  /** All greys */
  readonly preset_all: string;
  /** Fitted to the image's greys */
  readonly preset_auto: string;
  /** Dark parts: lungs */
  readonly preset_dark: string;
  /** Bright parts: heart and bones */
  readonly preset_bright: string;
  /** Ruler: drag from one point to the other */
  readonly ruler_on: string;
  /** Ruler put away */
  readonly ruler_off: string;
  /** {length} pixels (no scale is known) */
  readonly ruler_pixels: string;
  /** {length} mm */
  readonly ruler_millimetres: string;
  /** The image's left edge, by custom the patient's right, is now at the {side}. */
  readonly side_words: string;
  /** left */
  readonly side_left: string;
  /** right */
  readonly side_right: string;
  /** top */
  readonly side_top: string;
  /** bottom */
  readonly side_bottom: string;
  /** Mirrored: a side marker reads backwards. */
  readonly side_mirrored: string;
  /** brighter */
  readonly key_brighter: string;
  /** darker */
  readonly key_darker: string;
  /** more contrast */
  readonly key_sharper: string;
  /** less contrast */
  readonly key_softer: string;
  /** undo the last answer or mark */
  readonly key_undo: string;
  /** redo */
  readonly key_redo: string;
  /** Something is wrong with this image */
  readonly report: string;
  // The reading page: reports, keys, rest
  /** reported */
  readonly unit_reported: string;
  /**
   * Say what is wrong with a key or a click. A visible name hides the image from everyone at once;
   * the owner looks at every report.
   */
  readonly report_words: string;
  /** If you like, say more (before you choose) */
  readonly report_more: string;
  /** Sending… */
  readonly report_sending: string;
  /** Thank you: the owner knows. */
  readonly report_thanks: string;
  /** You reported this image. No answer is needed; go on to the next. */
  readonly report_dropped: string;
  /** Report it and go on */
  readonly report_go_on: string;
  /** Taken back. */
  readonly undone: string;
  /** Done again. */
  readonly redone: string;
  /** There is nothing to take back. */
  readonly nothing_to_undo: string;
  /** Switch off all keys of a single character */
  readonly keys_off: string;
  /** Press the new key for: {what}. Escape leaves it as it is. */
  readonly keys_press: string;
  /** Digits and the space bar are for the answers. Press another key. */
  readonly keys_taken: string;
  /** {what}: {key}. Change the key */
  readonly keys_change: string;
  /** Back to the usual keys */
  readonly keys_reset: string;
  /** reading for {minutes} min */
  readonly minutes_read: string;
  /**
   * You have been reading for {minutes} minutes. A short rest keeps the eyes sharp: your page
   * waits.
   */
  readonly rest: string;
  /** This page's time ends in two minutes. Submit it soon, or its images go to others. */
  readonly page_ends_soon: string;
  // The reading page: marks
  /**
   * Draw with the mouse, a pen or a finger; two fingers zoom. By keyboard: choose what to draw,
   * move the cross with the arrows, Enter sets a point. A selected mark moves with the arrows,
   * Shift changes its size, Delete takes it away.
   */
  readonly marks_help: string;
  /** Draw a box */
  readonly draw_box: string;
  /** Set a dot */
  readonly draw_dot: string;
  /** Draw an outline */
  readonly draw_polygon: string;
  /** Draw a line */
  readonly draw_line: string;
  /** box */
  readonly mark_box: string;
  /** dot */
  readonly mark_dot: string;
  /** outline */
  readonly mark_polygon: string;
  /** line */
  readonly mark_line: string;
  /** Remove {mark} */
  readonly mark_remove: string;
  // The reading page: the display
  /** Light page (for bright rooms) */
  readonly theme_light: string;
  /** Check the screen */
  readonly check_title: string;
  /** Eighteen grey steps, a faint patch on black and one on white, lines of one pixel */
  readonly check_pattern: string;
  /**
   * You should tell all eighteen greys apart, see the faint patch on black and the one on white,
   * and see fine even lines below. If not, raise the brightness, darken the room, or use another
   * screen.
   */
  readonly check_words: string;
  /**
   * Nothing about this window stands in the way. Whether the screen is good enough only your eyes
   * can tell.
   */
  readonly check_fine: string;
  /** This window is small for an X-ray: make it larger, or use a larger screen. */
  readonly hint_small: string;
  /** The screen is scaled by {scale}, so a pixel of the image is not one of the screen. */
  readonly hint_scaled: string;
  /** This screen shows fewer greys than the image has. */
  readonly hint_colours: string;
  // The owner's pages
  /** Copy */
  readonly copy: string;
  /** Copied */
  readonly copied: string;
  /** Draw on the image */
  readonly place_draw: string;
  /** Draw a box on the image, from corner to corner. */
  readonly place_drawing: string;
  /** Remove */
  readonly place_remove: string;
  /** Copy this: */
  readonly copy_by_hand: string;
  /** {count} files chosen, {size} */
  readonly upload_chosen: string;
  /** and {count} more */
  readonly upload_more: string;
  /** Choose again */
  readonly upload_clear: string;
  /** Upload */
  readonly upload_progress: string;
  /** {share} sent */
  readonly upload_share: string;
  /** All sent. Reading the files… */
  readonly upload_reading: string;
  /** The upload did not work, and nothing was imported. Try again. */
  readonly upload_failed: string;
  /** {done} of {count} files */
  readonly upload_files: string;
  /** The server can't be reached. The upload goes on by itself as soon as it answers. */
  readonly upload_waiting: string;
  /** Cancel the upload */
  readonly upload_cancel: string;
  /** Discard it */
  readonly upload_discard: string;
  /** “{name}” can't be read any more: it was changed, moved or removed. Choose the files again. */
  readonly upload_unreadable: string;
  // The designer
  /** Add */
  readonly designer_add: string;
  /** New question */
  readonly designer_new: string;
  /** Add an answer */
  readonly designer_add_answer: string;
  /** Answers */
  readonly designer_answers: string;
  /** Answer {number} */
  readonly designer_answer: string;
  /** Move up */
  readonly designer_up: string;
  /** Move down */
  readonly designer_down: string;
  /** Remove */
  readonly designer_remove: string;
  /** More */
  readonly designer_more: string;
  /** Type */
  readonly designer_type: string;
  /** Asked */
  readonly designer_asked: string;
  /** Asked where */
  readonly designer_asked_where: string;
  /** always */
  readonly designer_always: string;
  /** Only on a condition */
  readonly designer_only_where: string;
  /** or */
  readonly designer_or: string;
  /** And another condition */
  readonly designer_and: string;
  /** Or else */
  readonly designer_or_else: string;
  /** Condition {number} */
  readonly designer_condition: string;
  /** is answered with */
  readonly designer_is: string;
  /** is not answered with */
  readonly designer_is_not: string;
  /** None ticked: any answer. */
  readonly designer_any: string;
  /** Answers, one in each line; none: any answer */
  readonly designer_typed: string;
  /** {value} (not offered any more) */
  readonly designer_not_offered: string;
  /** ticked */
  readonly designer_ticked: string;
  /** not ticked */
  readonly designer_not_ticked: string;
  /** There is no other question yet. */
  readonly designer_no_others: string;
  /** Which answer follows */
  readonly designer_rules: string;
  /** The first rule that holds decides. */
  readonly designer_rules_help: string;
  /** Rule {number} */
  readonly designer_rule: string;
  /** When */
  readonly designer_when: string;
  /** then */
  readonly designer_then: string;
  /** otherwise */
  readonly designer_otherwise: string;
  /** no answer */
  readonly designer_no_answer: string;
  /** Add a rule */
  readonly designer_add_rule: string;
  /** As contributors see it */
  readonly designer_preview: string;
  /** Another image */
  readonly designer_next_image: string;
  /** Upload images to see them here. */
  readonly designer_no_image: string;
  /** Save the questions */
  readonly designer_save: string;
  /** Code view (CML) */
  readonly designer_code: string;
  /** Not saved yet */
  readonly designer_unsaved: string;
  /** The server can't be reached; nothing was saved. Try again. */
  readonly designer_offline: string;
  /** One answer */
  readonly type_one_choice: string;
  /** Several answers */
  readonly type_several_choices: string;
  /** Box to tick */
  readonly type_yes_or_no: string;
  /** Rating */
  readonly type_rating: string;
  /** Number */
  readonly type_number: string;
  /** Text */
  readonly type_text: string;
  /** Marks on the image */
  readonly type_marks: string;
  /** Follows from others */
  readonly type_derived: string;
  /** Hidden text */
  readonly type_hidden: string;
  /** Group */
  readonly type_group: string;
  /** HTML between questions */
  readonly type_markup: string;
  /** Question */
  readonly field_label: string;
  /** Help */
  readonly field_help: string;
  /** Name (a column of the results) */
  readonly field_name: string;
  /** Has to be answered */
  readonly field_required: string;
  /** Tested by test questions */
  readonly field_tested: string;
  /** Points */
  readonly field_points: string;
  /** First number */
  readonly field_first: string;
  /** Lowest means */
  readonly field_lowest: string;
  /** Highest means */
  readonly field_highest: string;
  /** Whole numbers only */
  readonly field_whole: string;
  /** Least */
  readonly field_minimum: string;
  /** Most */
  readonly field_maximum: string;
  /** Unit */
  readonly field_unit: string;
  /** Several lines */
  readonly field_long: string;
  /** Form */
  readonly field_format: string;
  /** Least characters */
  readonly field_shortest: string;
  /** Most characters (0: the usual) */
  readonly field_longest: string;
  /** Shown until something is typed */
  readonly field_prompt: string;
  /** What can be drawn */
  readonly field_kinds: string;
  /** Least marks */
  readonly field_min: string;
  /** Most marks */
  readonly field_max: string;
  /** Column with marks to check */
  readonly field_review: string;
  /** Value (in the results) */
  readonly field_value: string;
  /** What the answer is about */
  readonly field_scope: string;
  /** Which one (right, left, a region) */
  readonly field_part: string;
  /** An answer to a test question is right when */
  readonly field_matching: string;
  /** How judgments become one answer */
  readonly field_aggregation: string;
  /** Confidence needed for each answer */
  readonly field_threshold: string;
  /** Turn the order of answers from contributor to contributor */
  readonly field_counterbalanced: string;
  /** As a drop-down list */
  readonly field_menu: string;
  /** Value when ticked */
  readonly field_yes: string;
  /** Value when not ticked */
  readonly field_no: string;
  /** Key */
  readonly field_key: string;
  /** Settles an image (not for “unsure”) */
  readonly field_settles: string;
  /** Cells of the label column that mean it, with commas between */
  readonly field_given: string;
  /** Reason offered for test questions */
  readonly field_reason: string;
  /** as usual */
  readonly option_usual: string;
  /** letters */
  readonly option_alpha: string;
  /** letters and digits */
  readonly option_alphanum: string;
  /** digits and signs */
  readonly option_digits: string;
  /** date (12/31/2026) */
  readonly option_date: string;
  /** e-mail address */
  readonly option_email: string;
  /** web address */
  readonly option_url: string;
  /** boxes */
  readonly option_box: string;
  /** dots */
  readonly option_dot: string;
  /** outlines */
  readonly option_polygon: string;
  /** lines */
  readonly option_line: string;
  /** the whole */
  readonly option_study: string;
  /** one image */
  readonly option_image: string;
  /** one side of the chest */
  readonly option_side: string;
  /** a region */
  readonly option_region: string;
  /** one of the accepted ones is given */
  readonly option_any: string;
  /** only accepted ones are given */
  readonly option_strict: string;
  /** exactly the accepted ones are given */
  readonly option_exact: string;
  /** the one with the highest confidence */
  readonly option_agg: string;
  /** all above a confidence */
  readonly option_cagg: string;
  /** the mean */
  readonly option_avg: string;
  /** everything that was said */
  readonly option_all: string;
  /** Formatting */
  readonly prose_tools: string;
  /** Bold */
  readonly prose_bold: string;
  /** Italic */
  readonly prose_italic: string;
  /** Heading */
  readonly prose_heading: string;
  /** List */
  readonly prose_list: string;
  /** Numbered list */
  readonly prose_numbers: string;
}

export type MessageName = keyof Messages;

let messages: Partial<Messages> | undefined;

/** Sets the words of this page. */
export function useMessages(given: Partial<Messages>): void {
  messages = given;
}

/** A message with its values; its name, readable as it is, where the server sent none. */
export function text(
  name: MessageName, values: Readonly<Record<string, string | number>> = {},
): string {
  messages ??= (embeddedJson("messages") ?? {}) as Partial<Messages>;
  const template = messages[name] ?? name.replaceAll("_", " ");
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
