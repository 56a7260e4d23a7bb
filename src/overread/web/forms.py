"""What an owner fills in."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from overread.core.design import Design, Instructions
from overread.core.forecast import Per, Price
from overread.flows.copying import Copied
from overread.formats.job_templates import job_templates
from overread.store.models.people import Expertise


class Form(forms.Form):
    """A form whose fields say by themselves what is wrong with them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class NewJobForm(Form):
    template = forms.ChoiceField(label=_("What is asked"))
    title = forms.CharField(
        label=_("Title"),
        max_length=255,
        required=False,
        help_text=_("Contributors see it. Left empty, the template's own is taken."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.name, one.label) for one in job_templates().values()]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]


class DesignForm(Form):
    """The title, the four parts of the instructions in Markdown, and what else is shown."""

    title = forms.CharField(label=_("Title"), max_length=255)
    overview = forms.CharField(label=_("Overview"), required=False, widget=forms.Textarea)
    steps = forms.CharField(label=_("Steps"), required=False, widget=forms.Textarea)
    rules = forms.CharField(label=_("Rules & Tips"), required=False, widget=forms.Textarea)
    examples = forms.CharField(label=_("Examples"), required=False, widget=forms.Textarea)
    notice = forms.CharField(
        label=_("Notice"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Always in sight while contributors work: what this is not."),
    )
    cannot = forms.CharField(
        label=_("Button for an image that can't be judged"), required=False, max_length=200
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns that contributors may see"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their cells can stand in the form: {{column}}. All others stay hidden."),
    )

    @classmethod
    def of(
        cls, title: str, design: Design, columns: Sequence[str], data: Any = None
    ) -> "DesignForm":
        form = cls(
            data,
            initial={
                "title": title,
                "notice": design.notice,
                "cannot": design.cannot_be_judged.label,
                "columns": list(design.columns),
                **msgspec.structs.asdict(design.instructions),
            },
        )
        form.fields["columns"].choices = [(name, name) for name in columns]  # type: ignore[attr-defined]
        return form

    def changed(self, old: Design, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of the design that the form was filled in for."""
        found: dict[str, Any] = {"instructions": self.instructions()}
        if "notice" in sent:
            found["notice"] = self.cleaned_data["notice"].strip()
        if label := self.cleaned_data["cannot"].strip():
            found["cannot_be_judged"] = msgspec.structs.replace(old.cannot_be_judged, label=label)
        if "columns-shown" in sent:
            found["columns"] = tuple(self.cleaned_data["columns"])
        return found

    def instructions(self) -> Instructions:
        """What was filled in; browsers send CRLF."""
        parts = {name: self.cleaned_data[name].replace("\r\n", "\n") for name in PARTS}
        return Instructions(**parts)


PARTS = ("overview", "steps", "rules", "examples")


class PilotForm(Form):
    """How many rows a pilot launches."""

    rows = forms.IntegerField(label=_("Rows of the pilot"), min_value=1)

    @classmethod
    def of(cls, work: int, data: Any = None) -> "PilotForm":
        """For a job with so many rows to be judged: a tenth of them, within reason."""
        most = max(1, work - 1)
        form = cls(data, initial={"rows": min(most, max(10, min(100, work // 10)))})
        form.fields["rows"].widget.attrs["max"] = most
        form.fields["rows"].validators.append(MaxValueValidator(most))
        return form


class InvitationForm(Form):
    count = forms.IntegerField(label=_("How many people"), min_value=1, max_value=500, initial=5)
    expertise = forms.ChoiceField(label=_("What they know"), choices=Expertise.choices)


class ApprovalForm(Form):
    """Who allowed that the images are shown, and where that is written."""

    by = forms.CharField(label=_("Approved by"), max_length=200)
    reference = forms.CharField(label=_("Number or date of the decision"), max_length=200)


class CopyForm(Form):
    """What a copy is called, and which rows it gets."""

    title = forms.CharField(label=_("Title"), max_length=255)
    units = forms.TypedChoiceField(
        label=_("Rows"),
        coerce=Copied,
        initial=Copied.ALL,
        choices=[
            (Copied.ALL, _("all rows, test questions too")),
            (Copied.TEST_QUESTIONS, _("test questions and examples only")),
            (Copied.NONE, _("none")),
        ],
    )


class PriceForm(Form):
    """What work costs, to see what the job will; nothing of it is stored."""

    price = forms.FloatField(label=_("Price"), min_value=0, max_value=10_000)
    per = forms.TypedChoiceField(
        label=_("for a"), coerce=Per, choices=[(Per.PAGE, _("page")), (Per.HOUR, _("hour"))]
    )
    fee = forms.FloatField(
        label=_("Fee on top, %"), min_value=0, max_value=500, required=False, initial=0
    )

    def chosen(self) -> Price:
        filled = self.cleaned_data
        return Price(filled["price"], filled["per"], (filled["fee"] or 0) / 100)
