"""The words of the front end, by name, in the viewer's language."""

from django.utils.translation import gettext as _


def messages() -> dict[str, str]:
    """Every text that the elements in frontend/src show; placeholders are in {braces}."""
    return {
        "image": _("X-ray image"),
        "image_loading": _("Loading the image…"),
        "image_failed": _("This image could not be loaded."),
        "synthetic": _("synthetic"),
        "tools": _("Image tools"),
        "tool_zoom_in": _("Zoom in"),
        "tool_zoom_out": _("Zoom out"),
        "tool_fit": _("Fit the whole image"),
        "tool_actual_pixels": _("Actual pixels (1:1)"),
        "tool_brightness": _("Brightness"),
        "tool_contrast": _("Contrast"),
        "tool_invert": _("Invert black and white"),
        "tool_reset": _("Reset the image"),
        "key_marks": _("show or hide the marked place"),
        "key_object": _("object to a missed test question"),
        "sheet": _("All images of the page at once, or one at a time"),
        "sheet_short": _("All at once"),
        "sheet_on": _("All images of this page are shown."),
        "sheet_off": _("One image at a time is shown."),
        "compare": _("Compare with an example"),
        "compare_this": _("Compare with the current image"),
        "example": _("Example: {caption}"),
        "unit_heading": _("Image {number} of {count}"),
        "units_of_page": _("Images of this page"),
        "unit_with_state": _("Image {number}, {state}"),
        "unit_open": _("not answered"),
        "unit_answered": _("answered"),
        "unit_correct": _("right"),
        "unit_missed": _("missed"),
        "role_frontal": _("frontal view"),
        "role_lateral": _("lateral view"),
        "role_prior": _("earlier image"),
        "image_failed_next": _(
            "This image could not be loaded. Report it with one key and go on, or reload the page: "
            "no answer to it is needed."
        ),
        "back": _("Back"),
        "next": _("Next"),
        "go_on": _("Continue"),
        "submit_page": _("Submit page"),
        "answer_missing": _("Please answer first: {question}"),
        "answer_number": _("A number is needed here: {question}"),
        "answer_range": _("This is less or more than is asked for: {question}"),
        "answer_length": _("Too short or too long: {question}"),
        "answer_format": _("Not in the form that is asked for: {question}"),
        "yes": _("Yes"),
        "no": _("No"),
        "choose": _("Choose…"),
        "derived_open": _("Follows from your answers"),
        "unit_missing": _("Image {number} still needs an answer."),
        "too_soon": _("Please take another look: this page can be submitted in {seconds} seconds."),
        "forms_coming": _(
            "The rest of this page is still coming. Please submit it when it is there."
        ),
        "page_loading": _("Getting the next page…"),
        "page_saved": _("Page saved."),
        "page_saved_late": _("Page saved. Images that had gone to others meanwhile: {count}."),
        "in_seconds": _("in {seconds} s"),
        "practice": _("Practice: this does not count"),
        "practice_done": _("Practice done"),
        "practice_done_words": _(
            "{correct} of {count} right, and none of it counts. Look at the reasons; the quiz"
            " comes next, with other images."
        ),
        "quiz": _("Quiz"),
        "quiz_progress": _("{count} images, {minimum} right to pass"),
        "work_progress": _("{done} done · {left} left"),
        "work_progress_many": _("{done} done · {left} or more left"),
        "own_accuracy": _("your accuracy {accuracy}"),
        "progress": _("Progress"),
        "figure_judgments": _("images judged"),
        "figure_pages": _("pages"),
        "figure_test_questions": _("test questions seen"),
        "figure_accuracy": _("your accuracy on them"),
        "quiz_passed": _("You passed the quiz"),
        "quiz_passed_words": _(
            "{correct} of {count} right; {minimum} were needed. Look at the reasons, then start."
        ),
        "quiz_failed": _("You did not pass the quiz"),
        "quiz_failed_words": _(
            "{correct} of {count} right; {minimum} were needed. The reasons are shown "
            "with each image."
        ),
        "quiz_failed_each_kind": _(
            "{correct} of {count} right; {minimum} were needed of each kind of image. The "
            "reasons are shown with each image."
        ),
        "verdict_correct": _("Your answer was right"),
        "verdict_missed": _("This was a test question, and your answer differs"),
        "verdict_differs": _("Your answer differs from the accepted one"),
        "your_answer": _("Your answer"),
        "accepted_answer": _("Accepted answer"),
        "no_answer": _("no answer"),
        "answer_not_shown": _("The accepted answer to this one is not shown."),
        "show_place": _("Show the place"),
        "object": _("Object"),
        "object_label": _("Why do you think that your answer is right?"),
        "object_sent": _("Your objection is with the owner. You will have an answer by {date}."),
        "objections": _("Your objections and the answers"),
        "objections_answered": _("Answers from the job's owner that you have not seen: {count}."),
        "send": _("Send"),
        "cancel": _("Cancel"),
        "writing_empty": _("Please write something first."),
        "ask": _("Ask about this image"),
        "thread": _("Questions and answers"),
        "thread_words": _(
            "Your question goes to the owner. You see your own questions and the answers to "
            "them; what others ask is not shown, so that nobody is swayed."
        ),
        "thread_loading": _("Getting the answers…"),
        "remark_label": _("Your question"),
        "remark_you": _("You"),
        "remark_owner": _("The owner"),
        "end_nothing_left": _("All done for now"),
        "end_nothing_left_words": _(
            "You have judged every image that is open to you. When new ones come, the "
            "same link brings you back."
        ),
        "end_maxed_out": _("You have done your share"),
        "end_maxed_out_words": _(
            "Each contributor judges a limited number of images here, and you have "
            "reached that number."
        ),
        "end_removed": _("Your work on this job has ended"),
        "end_removed_words": _(
            "What you did is kept and is not counted; others judge those images again."
        ),
        "end_removed_accuracy": _(
            "Your accuracy on the test questions is {accuracy}; this job needs {minimum}."
        ),
        "end_removed_answers": _(
            "One of your answers comes so much more often or more rarely than this job's "
            "images allow that chance does not explain it."
        ),
        "end_removed_owner": _("The owner of the job has ended your work on it."),
        "end_removed_quality": _(
            "Your answers to the test questions, all together or to one kind of them, were "
            "below what this job needs."
        ),
        "end_failed_quiz": _("The quiz was not passed"),
        "end_failed_quiz_words": _("There are no images for a quiz that you have not seen yet."),
        "end_failed_quiz_why": _(
            "{accuracy} of your answers in the quiz were right; this job needs {minimum}."
        ),
        "end_failed_quiz_kind": _(
            "{accuracy} of your answers in the quiz were right, but on one kind of image fewer "
            "than the {minimum} that this job needs."
        ),
        "end_failed_quiz_again": _(
            "You can take it again with images that you have not seen. Only the new quiz "
            "counts then."
        ),
        "end_failed_quiz_kept": _(
            "It can't be taken again, so your way ends here. What you did is kept, and is not"
            " part of the results. Thank you for your time."
        ),
        "retake": _("Take the quiz again with new images"),
        "end_paused": _("The job is paused"),
        "end_paused_words": _(
            "The owner has paused this job. Everything you submitted is saved; come back "
            "later with the same link."
        ),
        "end_finished": _("The job is finished"),
        "end_finished_words": _(
            "All images have been judged. Thank you: your work is part of the result."
        ),
        "end_link": _("Go to your summary"),
        "problem_offline": _("The server can't be reached. Check the connection."),
        "problem_server": _("The server had a problem."),
        "problem_signed_out": _(
            "You are signed out. Your answers are kept in this browser: sign in again "
            "through your link in another tab, then reload this page."
        ),
        "problem_expired": _(
            "This page was open too long and its images went back to the others. Pages "
            "you submitted before are safe. Take a new page."
        ),
        "problem_kept": _("Your answers are kept in this browser."),
        "waiting": _("Your answers are safe in this browser"),
        "waiting_words": _(
            "They are sent by themselves as soon as the server can be reached. You can close "
            "this page: open it again in this browser within a week, and they are sent then."
        ),
        "waiting_unstored": _(
            "They are sent by themselves as soon as the server can be reached. Please keep this "
            "page open: this browser stores nothing once it is closed."
        ),
        "send_now": _("Send now"),
        "try_again": _("Try again"),
        "reload": _("Reload"),
        "new_page": _("Take a new page"),
        "instructions": _("Instructions"),
        "close": _("Close"),
        "keys": _("Keys"),
        "key_answer": _("choose an answer of the marked question"),
        "key_question": _("question above or below"),
        "key_enter": _("next image, or submit the page"),
        "key_units": _("image before or after"),
        "key_zoom": _("zoom in or out"),
        "key_pan": _("move a zoomed image"),
        "key_brightness": _("brighter or darker"),
        "key_contrast": _("more or less contrast"),
        "keys_pointer": _(
            "With the mouse: wheel to zoom, drag to move, right drag for contrast and "
            "brightness, double click to enlarge and to fit. With fingers: pinch and "
            "drag."
        ),
        "shown_lossless": _("lossless"),
        "shown_lossy": _("compressed preview"),
        "shown_failed": _("compressed preview; the full image could not be loaded"),
        "tool_preset": _("Next window preset"),
        "tool_equalise": _("Equalise"),
        "tool_glass": _("Magnifying glass"),
        "tool_ruler": _("Ruler"),
        "tool_turn_left": _("Turn left"),
        "tool_turn_right": _("Turn right"),
        "tool_mirror": _("Mirror left and right"),
        "preset_first": _("As the image came"),
        "preset_own": _("Window {number} of the image"),
        "preset_all": _("All greys"),
        "preset_auto": _("Fitted to the image's greys"),
        "preset_dark": _("Dark parts: lungs"),
        "preset_bright": _("Bright parts: heart and bones"),
        "ruler_on": _("Ruler: drag from one point to the other"),
        "ruler_off": _("Ruler put away"),
        "ruler_pixels": _("{length} pixels (no scale is known)"),
        "ruler_millimetres": _("{length} mm"),
        "side_words": _(
            "The image's left edge, by custom the patient's right, is now at the {side}."
        ),
        "side_left": _("left"),
        "side_right": _("right"),
        "side_top": _("top"),
        "side_bottom": _("bottom"),
        "side_mirrored": _("Mirrored: a side marker reads backwards."),
        "key_brighter": _("brighter"),
        "key_darker": _("darker"),
        "key_sharper": _("more contrast"),
        "key_softer": _("less contrast"),
        "key_undo": _("undo the last answer or mark"),
        "key_redo": _("redo"),
        "report": _("Something is wrong with this image"),
        "unit_reported": _("reported"),
        "report_words": _(
            "Say what is wrong with a key or a click. A visible name hides the image from "
            "everyone at once; the owner looks at every report."
        ),
        "report_more": _("If you like, say more (before you choose)"),
        "report_sending": _("Sending…"),
        "report_thanks": _("Thank you: the owner knows."),
        "report_dropped": _("You reported this image. No answer is needed; go on to the next."),
        "report_go_on": _("Report it and go on"),
        "undone": _("Taken back."),
        "redone": _("Done again."),
        "nothing_to_undo": _("There is nothing to take back."),
        "keys_off": _("Switch off all keys of a single character"),
        "keys_press": _("Press the new key for: {what}. Escape leaves it as it is."),
        "keys_taken": _("Digits and the space bar are for the answers. Press another key."),
        "keys_change": _("{what}: {key}. Change the key"),
        "keys_reset": _("Back to the usual keys"),
        "minutes_read": _("reading for {minutes} min"),
        "rest": _(
            "You have been reading for {minutes} minutes. A short rest keeps the eyes "
            "sharp: your page waits."
        ),
        "page_ends_soon": _(
            "This page's time ends in two minutes. Submit it soon, or its images go to others."
        ),
        "marks_help": _(
            "Draw with the mouse, a pen or a finger; two fingers zoom. By keyboard: "
            "choose what to draw, move the cross with the arrows, Enter sets a point. A "
            "selected mark moves with the arrows, Shift changes its size, Delete takes it "
            "away."
        ),
        "draw_box": _("Draw a box"),
        "draw_dot": _("Set a dot"),
        "draw_polygon": _("Draw an outline"),
        "draw_line": _("Draw a line"),
        "mark_box": _("box"),
        "mark_dot": _("dot"),
        "mark_polygon": _("outline"),
        "mark_line": _("line"),
        "mark_remove": _("Remove {mark}"),
        "theme_light": _("Light page (for bright rooms)"),
        "check_title": _("Check the screen"),
        "check_pattern": _(
            "Eighteen grey steps, a faint patch on black and one on white, lines of one pixel"
        ),
        "check_words": _(
            "You should tell all eighteen greys apart, see the faint patch on black and "
            "the one on white, and see fine even lines below. If not, raise the "
            "brightness, darken the room, or use another screen."
        ),
        "check_fine": _(
            "Nothing about this window stands in the way. Whether the screen is good "
            "enough only your eyes can tell."
        ),
        "hint_small": _(
            "This window is small for an X-ray: make it larger, or use a larger screen."
        ),
        "hint_scaled": _(
            "The screen is scaled by {scale}, so a pixel of the image is not one of the screen."
        ),
        "hint_colours": _("This screen shows fewer greys than the image has."),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "place_draw": _("Draw on the image"),
        "place_drawing": _("Draw a box on the image, from corner to corner."),
        "place_remove": _("Remove"),
        "copy_by_hand": _("Copy this:"),
        "upload_chosen": _("{count} files chosen, {size}"),
        "upload_more": _("and {count} more"),
        "upload_clear": _("Choose again"),
        "upload_progress": _("Upload"),
        "upload_share": _("{share} sent"),
        "upload_reading": _("All sent. Looking at the files…"),
        "upload_failed": _("The upload did not work, and nothing was imported. Try again."),
        "upload_files": _("{done} of {count} files"),
        "upload_waiting": _(
            "The server can't be reached. The upload goes on by itself as soon as it answers."
        ),
        "upload_cancel": _("Cancel the upload"),
        "upload_discard": _("Discard it"),
        "upload_unreadable": _(
            "“{name}” can't be read any more: it was changed, moved or removed. Choose the files"
            " again."
        ),
    }
