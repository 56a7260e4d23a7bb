"""The sections of a proposal, each from what is known of the job."""

from collections.abc import Callable, Iterator, Mapping
from math import ceil

from django.utils.translation import gettext as _

from overread.core.checks import Mark
from overread.core.forecast import Range
from overread.core.proposal import Ask, Curve, Part, Pictures, Section, Table, Text
from overread.core.removal import RemovalRule, always_one_answer_passes, quiz_certainty
from overread.core.test_questions import ENOUGH_ANSWERS, ROWS_PER_TEST
from overread.flows.documents.facts import Known

# True accuracies at which the quiz is tried.
TRIED = tuple(percent / 100 for percent in range(50, 101, 5))
# Where a mean of five points asks for a change.
SATISFIED = 3.5
# A share of one label from which on accuracy flatters.
UNEVEN = 0.65


def sections(known: Known) -> list[Section]:
    made: list[tuple[str, Callable[[Known], Iterator[Part]]]] = [
        (_("The problem, and who is helped"), _problem),
        (_("The data"), _data),
        (_("Why these answers"), _answers),
        (_("How many test questions, and why"), _test_questions),
        (_("A test question that everybody misses"), _missed),
        (_("When contributors are not satisfied"), _satisfaction),
        (_("Biases of the data"), _biases),
        (_("What it takes"), _effort),
        (_("Designing for longevity"), _longevity),
        (_("What is still open"), _open),
    ]
    return [Section(title, list(write(known))) for title, write in made]


def _own(known: Known, name: str, question: str) -> Iterator[Part]:
    """What the template says, else the question to the owner."""
    if text := known.texts.get(name, ""):
        yield Text(text)
    yield Ask(question)


def _problem(known: Known) -> Iterator[Part]:
    yield from _own(
        known, "problem", _("Where does this problem show at your place, and what does it cost?")
    )
    yield from _own(known, "helped", _("Who exactly will use the result, and who decides by it?"))
    yield from _own(
        known, "machine_learning", _("Why machine learning here, and what is done today instead?")
    )
    yield Text(f"*{known.design.notice}*" if known.design.notice else "")


def _data(known: Known) -> Iterator[Part]:
    found, account = known.standing, known.account
    rows = {
        _("rows"): account.rows,
        _("with an image that can be judged"): account.rows - account.held,
        _("held, with a reason"): account.held,
        _("labelled before"): account.labels,
        _("test questions"): found.test_questions,
        _("to be judged"): found.work,
        _("patients, each row without one counted as its own"): account.people,
    }
    yield Table((_("What"), _("How many")), [(name, str(n)) for name, n in rows.items()])
    if known.labelled:
        yield Text(_("Labels that were there before:"))
        yield _counts(_("Label"), known.labelled)
    yield Ask(_("Where do the images come from, who collected them, and under which licence?"))


def _counts(head: str, counts: Mapping[str, int]) -> Table:
    most = sum(counts.values()) or 1
    rows = [(name, str(n), f"{n / most:.0%}") for name, n in counts.items()]
    return Table((head, _("Count"), _("Share")), rows, [n / most for n in counts.values()])


def _answers(known: Known) -> Iterator[Part]:
    main = known.design.main_question
    yield Text(_("People are asked: **{question}**").format(question=main.label))
    rows = [
        (one.label, _("decides the label") if one.settles else _("leaves the row unresolved"))
        for one in main.choices
    ]
    cannot = known.design.cannot_be_judged.label
    rows += [(cannot, _("takes the image out"))] if cannot else []
    yield Table((_("Answer"), _("What it does")), rows)
    yield Pictures(known.pictures)
    others = [one.label for one in known.design.questions if one.name != main.name and one.label]
    if others:
        said = " ".join(others)
        yield Text(_("And, where it fits: {questions}").format(questions=f"*{said}*"))
    yield from _own(known, "answers", _("Which other answers did you think of, and why not these?"))


def _test_questions(known: Known) -> Iterator[Part]:
    rules, count, work = known.rules, len(known.tests), known.standing.work
    wanted = ceil(work / ROWS_PER_TEST)
    yield Text(
        _(
            "**{count} test questions** for {work} rows to be judged: {share} of all. Quiz and"
            " hidden test questions begin with {needed} (rows per page + 3). One for every"
            " {rows} rows, 5 %, would be {wanted}."
        ).format(
            count=count,
            work=work,
            share=f"{count / max(1, count + work):.0%}",
            needed=rules.units_per_page + 3,
            rows=ROWS_PER_TEST,
            wanted=wanted,
        )
    )
    if known.kinds:
        yield _counts(_("Accepted answer"), known.kinds)
    if rules.tests_are_on(count):
        yield from _quiz(known)
    yield Ask(_("Who chose the test questions, and who checked their answers?"))


def _quiz(known: Known) -> Iterator[Part]:
    rules = known.rules
    shares = {name: float(n) for name, n in known.kinds.items()}
    chances = quiz_certainty(
        rules.quiz_length, rules.minimum_accuracy, rules.removal_rule, shares, TRIED
    )
    same = always_one_answer_passes(
        shares, rules.minimum_accuracy, rules.removal_rule, rules.quiz_length
    )
    yield Text(
        _(
            "The quiz asks {length}, and {minimum} have to be right{each}. Who always gives the"
            " same answer passes {same} of the time. Then each page of {rows} rows hides"
            " {hidden}; who falls below the minimum is stopped, and others are asked instead."
        ).format(
            length=rules.quiz_length,
            minimum=f"{rules.minimum_accuracy:.0%}",
            each=_(", for each kind by itself") if rules.removal_rule == RemovalRule.BOTH else "",
            same=f"{same:.0%}",
            rows=rules.units_per_page,
            hidden=rules.test_questions_per_page,
        )
    )
    yield Curve(_("True accuracy"), _("Chance to pass the quiz"), list(chances.items()))


def _missed(known: Known) -> Iterator[Part]:
    yield Text(
        _(
            "A test question that nearly all miss is more likely wrong, or unfair, than they are."
            " It is put on hold by itself once at least {enough} have answered and more than half"
            " missed it beyond chance; its misses are then excused. What follows:\n\n"
            "1. Look at the image without the answer, and let a second person do so.\n"
            "2. Read the objections, and the answers that were given instead.\n"
            "3. Is the answer wrong? Change it: all who answered are scored anew, and who was"
            " removed for it comes back.\n"
            "4. Is it right but hard? Say in the reason what to look for, point at the place on"
            " the image, and add an example of that kind to the instructions.\n"
            "5. Would experts disagree? Take it out: it tests nothing. “Unsure” is no good"
            " accepted answer either; in a real run of this kind both such questions were missed"
            " by nearly all, who were right.\n"
            "6. Add a clear one of the same kind, so that the balance stays."
        ).format(enough=ENOUGH_ANSWERS)
    )
    yield Ask(_("Who decides where a test question and its contributors disagree?"))


def _satisfaction(known: Known) -> Iterator[Part]:
    yield Text(
        _(
            "Below {least} of 5 in any of these, something is changed before more rows go out:"
        ).format(least=SATISFIED)
    )
    rows = [
        (
            _("Instructions clear"),
            _("shorter steps, a picture for each answer, the words that contributors use"),
        ),
        (
            _("Test questions fair"),
            _("those missed or objected to most; reasons that teach; answers within days"),
        ),
        (
            _("Ease of the job"),
            _("fewer questions for an image, shorter pages, practice before the quiz"),
        ),
        (
            _("Pay"),
            _("minutes for a page as measured, against what an hour should bring; paid quizzes"),
        ),
        (
            _("Overall"),
            _("five contributors are asked what they would change; a pilot tries it"),
        ),
    ]
    yield Table((_("Where"), _("What is changed")), rows)
    yield Ask(_("How, and when, will you ask contributors?"))


def _biases(known: Known) -> Iterator[Part]:
    own = [
        one for one in known.findings if one.check.startswith("label given") and one.mark != "done"
    ]
    if own:
        told = dict.fromkeys(_say_leak(one.check) for one in own)
        yield Text("\n".join(f"- {words}" for words in told))
    if known.account.people < known.account.rows:
        yield Text(
            _("{rows} rows show {people} patients: data sets are split by patient.").format(
                rows=known.account.rows, people=known.account.people
            )
        )
    if text := _uneven(known):
        yield Text(text)
    if known.known_biases:
        yield Text(known.known_biases)
    else:
        yield Ask(_("Which ages, places and devices do the images come from, and which not?"))
        yield Ask(_("Which images were left out beforehand, such as unreadable ones?"))
        if known.labelled:
            yield Ask(
                _("Who gave the labels that were there before, and how often are they wrong?")
            )
    yield Ask(_("Whom do these images leave out, and what looks different elsewhere?"))
    yield from _own(
        known, "agreement", _("How well do experts agree on this, and where is that known from?")
    )


def _uneven(known: Known) -> str:
    """Where most labels are one answer, who always gives it looks good."""
    count = sum(known.labelled.values())
    answer, most = max(known.labelled.items(), key=lambda one: one[1], default=("", 0))
    if most < UNEVEN * count or not count:
        return ""
    return _(
        "{share} of the labelled rows are “{answer}”: a model, or a contributor, that always says"
        " so looks good. Report how often each answer is found, not accuracy alone."
    ).format(share=f"{most / count:.0%}", answer=answer)


def _say_leak(check: str) -> str:
    if check.endswith("size"):
        return _("The size of the images tells the label of most labelled rows.")
    if check.endswith("marker"):
        return _("The place of the side marker tells the label of most labelled rows.")
    if check.endswith("file"):
        return _("How and where the files were saved tells the label of most labelled rows.")
    return _("Names or cells of the table tell the label of most labelled rows; nobody sees them.")


def _effort(known: Known) -> Iterator[Part]:
    found, least, most = known.forecast, known.estimate.least, known.estimate.most
    judgments = str(most) if least == most else f"{least}-{most}"
    yield Text(
        _("{rows} rows need {judgments} trusted judgments.").format(
            rows=known.estimate.rows, judgments=judgments
        )
    )
    if found is not None:
        yield Table(
            (_("What"), _("Low"), _("Middle"), _("High")),
            [
                _range(_("all judgments"), found.judgments),
                _range(_("not trusted, and replaced"), found.untrusted.times(100), " %"),
                _range(_("pages to be paid"), found.pages),
                _range(_("people who try"), found.contributors),
                _range(_("hours, all together"), found.hours, digits=1),
            ],
        )
        yield Text(
            _(
                "Nine of ten simulated runs lie between low and high. If nobody had to be"
                " replaced it would be {plain} pages; a real run of this kind cost 76 % more than"
                " such a plain estimate."
            ).format(plain=found.plain)
        )
    yield Ask(_("What may it cost, what is paid for a page, and who pays?"))


def _range(name: str, found: Range, unit: str = "", digits: int = 0) -> tuple[str, ...]:
    numbers = (found.low, found.middle, found.high)
    return (name, *(f"{number:.{digits}f}{unit}" for number in numbers))


def _longevity(known: Known) -> Iterator[Part]:
    yield from _own(
        known,
        "longevity",
        _("Who looks after the data set in a year, and what makes you label again?"),
    )


def _open(known: Known) -> Iterator[Part]:
    todo = [one for one in known.findings if one.mark in (Mark.WRONG, Mark.TODO)]
    if todo:
        yield Text("\n".join(f"- **{_plain(one.check)}**: {one.reason}" for one in todo))
    else:
        yield Text(_("Every check before the launch is in order."))
    yield Ask(_("Who approves that these people see these images, and under which reference?"))


def _plain(check: str) -> str:
    return check[:1].upper() + check[1:]
