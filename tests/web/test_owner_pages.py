"""What the owner sees and does in the browser, from the upload to the data set."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from overread.core.removal import RemovalRule
from overread.core.states import JobState, UnitState
from overread.flows import background
from overread.flows.design import create_job
from overread.flows.judging.answers import Given
from overread.flows.judging.pages import next_page
from overread.flows.judging.submission import submit
from overread.flows.people import Invitation, invite
from overread.store.models import DatasetVersion, Intake, Job, Participation, Team, User
from overread.store.queries import design as queries
from tests.conftest import NOON, now, picture
from tests.made_files import tarred, workbook

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MakeJob = Callable[..., Job]


@pytest.fixture
def browser(signed_in: SignIn, olga: User) -> Client:
    """Olga's."""
    return signed_in(olga)


@pytest.fixture
def empty_job(team: Team) -> Job:
    """A draft without rows."""
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


def upload(browser: Client, job: Job, table: str | bytes = "", count: int = 0) -> str:
    """Send a table, and pictures scan-0.png and so on, and take them in; returns the page that
    follows.
    """
    files = [SimpleUploadedFile(f"scan-{n}.png", picture(n)) for n in range(count)]
    data: dict[str, object] = {"images": files}
    if table != "":
        text = table.encode() if isinstance(table, str) else table
        data["table"] = SimpleUploadedFile("rows.csv", text)
    return send(browser, job, data)


def send(browser: Client, job: Job, data: dict[str, object], **said: object) -> str:
    """Upload, take in what the preview shows, as her form says; returns the page that follows."""
    answer = browser.post(f"/jobs/{job.pk}/data", data, follow=True)
    preview = f"/jobs/{job.pk}/data/preview"
    if said:
        browser.post(preview, {"do": "look", **said})
    if preview in answer.content.decode():
        answer = browser.post(preview, {"do": "read", **said}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def judge(participation: Participation, finding: str) -> None:
    """Judge pages until there are no more, every row alike; `signs` follow where asked."""
    answers: dict[str, object] = {"finding": finding}
    if finding == "pneumonia":
        answers["signs"] = ["one_place"]
    while True:
        offer = next_page(participation.pk, at=int(now().timestamp() * 1000), rng=Random(1))
        if offer.page is None:
            return
        given = [Given(place, dict(answers)) for place in offer.page.by_place]
        at = int(now().timestamp() * 1000)
        submit(participation.pk, offer.page.id, given, at=at, rng=Random(1))


@pytest.fixture
def judged_job(make_job: MakeJob) -> Job:
    """Three people without a quiz: two say healthy, one pneumonia."""
    job = make_job(rows=12, labelled=4, without_image=1, launched=True)
    for one, finding in zip(
        invite(job, count=3, actor=None, at=now()), ("healthy", "healthy", "pneumonia"), strict=True
    ):
        judge(one.participation, finding)
    job.refresh_from_db()
    return job


PAGES = ("data", "design", "quality", "launch", "monitor", "monitor/figures", "results")


def test_an_owner_without_jobs_is_led_to_the_first_one(browser: Client) -> None:
    answer = browser.get("/jobs", follow=True)
    assert answer.redirect_chain == [("/jobs/new", 302)]
    assert "Your first job" in answer.content.decode()


def test_a_new_job_leads_to_its_data(browser: Client) -> None:
    form = {"template": "healthy-or-pneumonia", "title": "Ward 3"}
    answer = browser.post("/jobs/new", form)
    job = Job.objects.get(title="Ward 3")
    assert answer.headers["Location"] == f"/jobs/{job.pk}/data"
    assert "Ward 3" in browser.get("/jobs").content.decode()


def test_a_job_of_an_unknown_template_is_not_made(browser: Client) -> None:
    assert browser.post("/jobs/new", {"template": "no such"}).status_code == 200
    assert not Job.objects.exists()


def test_a_job_opens_where_its_next_step_is(
    browser: Client, empty_job: Job, make_job: MakeJob
) -> None:
    places = {
        "data": empty_job,
        "quality": make_job(tests=False),
        "launch": make_job(),
        "monitor": make_job(launched=True),
    }
    invite(places["monitor"], count=1, actor=None, at=now())
    for tab, job in places.items():
        assert browser.get(f"/jobs/{job.pk}").headers["Location"] == f"/jobs/{job.pk}/{tab}"


def test_an_upload_says_what_was_recognised(browser: Client, empty_job: Job) -> None:
    table = "image,label\r\nscan-0.png,healthy\r\nscan-1.png,1\r\nscan-2.png,\r\nscan-9.png,"
    page = upload(browser, empty_job, table, count=3)
    assert "4 rows, images in “image”, 3 loaded." in page
    assert "2 labelled: 1 Healthy, 1 Signs of pneumonia" in page
    assert "There is no image file called scan-9.png." in page
    assert page.index("scan-9.png") < page.index("Row 1")


def test_a_script_that_uploads_is_told_where_to_go(browser: Client, empty_job: Job) -> None:
    file = SimpleUploadedFile("rows.csv", b"image\nscan-0.png\n")
    address = f"/jobs/{empty_job.pk}/data"
    answer = browser.post(address, {"table": file}, headers={"Accept": "application/json"})
    assert answer.json() == {"address": address}
    nothing = browser.post(address, headers={"Accept": "application/json"})
    assert nothing.status_code == 409
    assert "No file was chosen" in nothing.json()["error"]["message"]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (b"\n", "The file is empty"),
        ("name,label\nanna,0\n", "No column names an image: name, label."),
        (picture(1), "rows.csv"),
    ],
)
def test_a_table_that_is_none_changes_nothing(
    browser: Client, job: Job, table: str | bytes, reason: str
) -> None:
    page = upload(browser, job, table, count=2)
    assert "was refused, and nothing of it was taken in" in page
    assert reason in page
    assert job.units.count() == 20
    assert queries.test_questions_of(job).count() == 10


def test_a_bad_row_is_held_with_its_column_and_the_rest_works(
    browser: Client, empty_job: Job
) -> None:
    images = [("scan-0.png", picture(0)), ("scan-1.png", picture(1)[:60])]
    table = b"image,label\nscan-0.png,pnuemonia\nscan-1.png,0\nscan-0.png,1\n"
    files = [SimpleUploadedFile(name, data) for name, data in images]
    data = {"table": SimpleUploadedFile("rows.csv", table), "images": files}
    page = send(browser, empty_job, data)
    assert '<td data-name="Column">label</td><td>“pnuemonia” is not a known label.</td>' in page
    assert "The image is broken or cut short" in page
    assert [unit.state for unit in empty_job.units.order_by("number")] == [
        UnitState.HELD,
        UnitState.HELD,
        UnitState.NEW,
    ]


def test_images_in_a_zip_are_found(browser: Client, empty_job: Job) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x-rays/scan-0.png", picture(0))
    data = {"images": SimpleUploadedFile("x-rays.zip", packed.getvalue())}
    send(browser, empty_job, data)
    assert empty_job.units.get().unit_images.count() == 1


def test_images_alone_fill_the_rows_that_lack_theirs(browser: Client, make_job: MakeJob) -> None:
    job = make_job(rows=6, labelled=2, without_image=2)
    files = [SimpleUploadedFile(f"scan-{n}.png", picture(n, seed=job.pk)) for n in (4, 5)]
    send(browser, job, {"images": files})
    assert not job.units.filter(state=UnitState.HELD).exists()
    assert queries.test_questions_of(job).count() == 2


def test_files_of_one_name_hold_their_rows(browser: Client, empty_job: Job) -> None:
    files = [SimpleUploadedFile(f"scan-{n % 2}.png", picture(n)) for n in range(4)]
    table = SimpleUploadedFile("rows.csv", b"image\nscan-0.png\nscan-1.png\n")
    data = {"images": files, "table": table}
    page = send(browser, empty_job, data)
    assert "scan-0.png is there more than once" in page
    assert empty_job.units.filter(state=UnitState.HELD).count() == 2


def test_nothing_of_an_upload_stays_in_the_upload_folder(
    browser: Client, empty_job: Job, home: Path
) -> None:
    upload(browser, empty_job, "image\nscan-0.png\n", count=1)
    upload(browser, empty_job, b"\n")
    assert list((home / "uploads").iterdir()) == []


def test_a_form_without_its_token_leaves_nothing_behind(
    olga: User, empty_job: Job, home: Path
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(olga, backend="django.contrib.auth.backends.ModelBackend")
    data = {"table": SimpleUploadedFile("rows.csv", b"image\nscan-0.png\n")}
    assert browser.post(f"/jobs/{empty_job.pk}/data", data).status_code == 403
    assert list((home / "uploads").iterdir()) == []
    assert not Intake.objects.exists()


def test_too_many_files_at_once_are_refused(
    browser: Client, empty_job: Job, home: Path, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    assert "Put the images into a zip" in upload(browser, empty_job, count=3)
    assert list((home / "uploads").iterdir()) == []


def test_tables_in_every_format_and_archives_come_in_by_the_browser(
    browser: Client, empty_job: Job
) -> None:
    archive = tarred(("xrays/a.png", picture(0)), ("xrays/b.png", picture(1)))
    data = {
        "table": [
            SimpleUploadedFile("one.xlsx", workbook([["image", "label"], ["a.png", 0]])),
            SimpleUploadedFile("two.ndjson", b'{"image": "b.png", "label": "1"}'),
        ],
        "images": SimpleUploadedFile("xrays.tar", archive),
    }
    page = send(browser, empty_job, data)
    assert "2 rows, images in “image”, 2 loaded." in page
    assert "2 labelled:" in page


def test_an_archives_folders_are_labels_where_olga_ticks_it(
    browser: Client, empty_job: Job
) -> None:
    archive = tarred(("NORMAL/a.png", picture(0)), ("PNEUMONIA/b.png", picture(1)))
    images: dict[str, object] = {"images": SimpleUploadedFile("xrays.tar", archive)}
    page = send(browser, empty_job, images, option="labels from folders")
    assert "2 labelled:" in page


def test_for_one_problem_nothing_comes_in_where_olga_ticks_it(
    browser: Client, empty_job: Job
) -> None:
    table = SimpleUploadedFile("rows.csv", b"image,label\nscan-0.png,0\nscan-1.png,maybe\n")
    files = [SimpleUploadedFile(f"scan-{n}.png", picture(n)) for n in range(2)]
    data = {"table": table, "images": files}
    page = send(browser, empty_job, data, option="all or nothing")
    assert "nothing was taken in" in page
    assert "“maybe” is not a known label." in page
    assert not empty_job.units.exists()


def test_problems_are_a_table_to_download(browser: Client, empty_job: Job) -> None:
    rows = "image,label\nscan-0.png,0,x\nscan-1.png,maybe\nscan-2.png,\n"
    page = upload(browser, empty_job, rows, count=3)
    address = f"/jobs/{empty_job.pk}/data/problems.csv"
    assert address in page
    answer = browser.get(address)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(one["source"], one["row"], one["column"]) for one in lines] == [
        ("rows.csv", "1", "label"),
        ("rows.csv", "2", "label"),
    ]
    assert all(one["problem"] and one["advice"] for one in lines)


def test_how_a_table_was_read_is_no_complaint(browser: Client, empty_job: Job) -> None:
    page = upload(browser, empty_job, "image,note\nscan-0.png,Zo\u00eb\n".encode("cp1252"), count=1)
    assert "so the file was read as Windows-1252." in page
    assert "was left out" not in page


def test_a_canceled_job_takes_no_more_rows(browser: Client, running_job: Job) -> None:
    Job.objects.filter(pk=running_job.pk).update(state=JobState.CANCELED)
    page = upload(browser, running_job, "image\nscan-0.png\n")
    assert "it takes no more rows" in page
    assert "Look at the files" not in page


def test_progress_is_shown_until_the_reading_is_done(browser: Client, job: Job) -> None:
    intake = Intake.objects.create(
        job=job, state=Intake.State.READING, done=3, total=9, created_at=NOON
    )
    address = f"/jobs/{job.pk}/data/progress"
    page = browser.get(address).content.decode()
    assert "3 of 9 rows" in page
    assert "data-done" not in page
    intake.state = Intake.State.DONE
    intake.save()
    assert f'data-done="/jobs/{job.pk}/data"' in browser.get(address).content.decode()


def test_olga_stops_an_upload_and_undoes_it(browser: Client, job: Job) -> None:
    intake = Intake.objects.create(
        job=job, state=Intake.State.READING, sources=["rows.csv"], done=3, total=9, created_at=NOON
    )
    address = f"/jobs/{job.pk}/data"
    assert "Stop" in browser.get(address).content.decode()
    stopped = browser.post(f"{address}/upload", {"do": "stop"}, follow=True).content.decode()
    assert "The upload is stopped" in stopped
    assert "3 of 9 rows are done" in stopped
    assert (
        "An upload was stopped on its way."
        in browser.get(f"/jobs/{job.pk}/launch").content.decode()
    )
    page = browser.post(f"{address}/upload", {"do": "undo"}, follow=True).content.decode()
    assert "20 rows" in page
    assert not Intake.objects.filter(pk=intake.pk).exists()


def test_olga_goes_on_with_a_stopped_upload(browser: Client, job: Job, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("image\nnew.png\n")
    intake = Intake.objects.create(
        job=job, state=Intake.State.STOPPED, sources=[str(table)], created_at=NOON
    )
    address = f"/jobs/{job.pk}/data"
    page = browser.post(f"{address}/upload", {"do": "go on"}, follow=True).content.decode()
    assert "new.png" in page
    intake.refresh_from_db()
    assert intake.state == Intake.State.DONE


def test_rows_in_the_job_already_are_not_offered_to_be_undone(browser: Client, job: Job) -> None:
    Intake.objects.create(
        job=job, state=Intake.State.STOPPED, target={"kind": "add"}, created_at=NOON
    )
    page = browser.get(f"/jobs/{job.pk}/data").content.decode()
    assert "it can&#x27;t be undone" in page or "it can't be undone" in page
    assert "Undo the upload" not in page
    refused = browser.post(f"/jobs/{job.pk}/data/upload", {"do": "undo"}, follow=True)
    assert "in the job already" in refused.content.decode()


def test_a_launched_job_takes_more_rows(browser: Client, running_job: Job) -> None:
    page = browser.get(f"/jobs/{running_job.pk}/data").content.decode()
    assert "Add rows" in page
    assert "replaces every row" not in page
    page = upload(browser, running_job, "image,label\nmore.png,\n")
    assert "21 rows" in page


def test_what_a_dead_worker_left_is_said_to_have_failed(browser: Client, job: Job) -> None:
    Intake.objects.create(job=job, state=Intake.State.READING, created_at=NOON)
    DatasetVersion.objects.create(job=job, number=1, created_at=NOON)
    background.clear_up()
    page = browser.get(f"/jobs/{job.pk}/data").content.decode()
    assert "Upload the same files again." in page
    assert job.datasets.get().state == DatasetVersion.State.FAILED


def test_the_owner_decides_how_patients_are_told_apart(browser: Client, empty_job: Job) -> None:
    names = ["person1_virus_1.png", "person1_virus_2.png", "other.png"]
    files = [SimpleUploadedFile(name, picture(n)) for n, name in enumerate(names)]
    send(browser, empty_job, {"images": files})
    address = f"/jobs/{empty_job.pk}/data"
    assert "by file name: 2 patients. The largest has 2" in browser.get(address).content.decode()
    browser.post(f"{address}/patients", {"by_name": "no"})
    assert "Each image is its own patient." in browser.get(address).content.decode()
    assert not empty_job.units.exclude(patient=None).exists()
    browser.post(f"{address}/patients", {"by_name": "yes"})
    assert empty_job.units.exclude(patient=None).count() == 2
    empty_job.refresh_from_db()
    assert empty_job.patients_confirmed


def test_a_saved_design_is_a_new_version(browser: Client, job: Job) -> None:
    form = {
        "title": "Lungs",
        "overview": "Look **well**.",
        "steps": "",
        "rules": "",
        "examples": "",
    }
    page = browser.post(f"/jobs/{job.pk}/design", form, follow=True).content.decode()
    assert "Saved: design version 2." in page
    assert "<strong>well</strong>" in page
    job.refresh_from_db()
    assert (job.title, queries.design_of(job).instructions.overview) == ("Lungs", "Look **well**.")


def test_the_next_step_makes_test_questions_and_leads_on_where_enough_rows_are_left(
    browser: Client, make_job: MakeJob
) -> None:
    button = 'name="all" value="and on"'
    job, mostly_labelled = make_job(tests=False), make_job(labelled=12, tests=False)
    assert button not in browser.get(f"/jobs/{mostly_labelled.pk}/data").content.decode()
    assert button in browser.get(f"/jobs/{job.pk}/data").content.decode()
    answer = browser.post(f"/jobs/{job.pk}/quality", {"all": "and on"}, follow=True)
    assert answer.redirect_chain[-1] == (f"/jobs/{job.pk}/launch", 302)
    assert queries.test_questions_of(job).count() == 10


def test_ticked_or_all_labelled_rows_become_test_questions(
    browser: Client, make_job: MakeJob
) -> None:
    job = make_job(tests=False)
    address = f"/jobs/{job.pk}/quality"
    assert "10 labelled rows can become test questions" in browser.get(address).content.decode()
    browser.post(address, {"unit": [job.units.get(number=1).pk]})
    assert queries.test_questions_of(job).count() == 1
    browser.post(address, {"all": ""})
    page = browser.get(address).content.decode()
    assert "10 test questions" in page
    assert "5 Healthy, 5 Signs of pneumonia" in page


def test_a_test_question_can_be_changed_put_by_and_given_back(browser: Client, job: Job) -> None:
    question = queries.test_questions_of(job)[0]
    address = f"/jobs/{job.pk}/quality/{question.unit_id}"
    assert "<x-ray" in browser.get(address).content.decode()
    form = {
        "question": "finding",
        "accepted-finding": ["healthy", "unsure"],
        "reason-finding": " Clear. ",
    }
    browser.post(address, form)
    question.refresh_from_db()
    assert question.current is not None
    assert question.current.accepted == {"finding": ["healthy", "unsure"]}
    assert question.current.reasons == {"finding": "Clear."}
    browser.post(address, {"action": "disable"})
    question.refresh_from_db()
    assert question.state == "disabled"
    browser.post(address, {"action": "remove"})
    assert queries.test_questions_of(job).count() == 9


def test_a_test_question_without_accepted_answers_is_refused(browser: Client, job: Job) -> None:
    question = queries.test_questions_of(job)[0]
    address = f"/jobs/{job.pk}/quality/{question.unit_id}"
    form = {"question": "finding", "reason-finding": "Clear."}
    page = browser.post(address, form, follow=True).content.decode()
    assert "needs at least one accepted answer" in page


def test_a_row_of_another_job_is_not_found(
    browser: Client, make_job: MakeJob, signed_in: SignIn, stranger: User
) -> None:
    mine, other = make_job(), make_job()
    unit = queries.test_questions_of(other)[0].unit_id
    assert browser.get(f"/jobs/{mine.pk}/quality/{unit}").status_code == 404
    assert signed_in(stranger).get(f"/jobs/{mine.pk}/quality").status_code == 404


def test_settings_are_saved_while_it_is_a_draft(
    browser: Client, job: Job, running_job: Job
) -> None:
    form = {
        "judgments_per_unit": "5",
        "units_per_page": "4",
        "quiz_length": "6",
        "minimum_accuracy": "80",
    }
    for one in (job, running_job):
        browser.post(f"/jobs/{one.pk}/launch", form)
        one.refresh_from_db()
    assert (job.judgments_per_unit, job.units_per_page, job.quiz_length) == (5, 4, 6)
    assert job.minimum_accuracy == 0.8
    assert running_job.judgments_per_unit == 3


def test_settings_out_of_bounds_are_shown_with_their_reason(browser: Client, job: Job) -> None:
    form = {
        "judgments_per_unit": "0",
        "units_per_page": "1",
        "quiz_length": "6",
        "minimum_accuracy": "80",
    }
    answer = browser.post(f"/jobs/{job.pk}/launch", form)
    assert answer.status_code == 422
    assert "greater than or equal to 2" in answer.content.decode()
    job.refresh_from_db()
    assert job.judgments_per_unit == 3


def test_a_job_is_launched_paused_resumed_and_canceled(browser: Client, job: Job) -> None:
    browser.post(f"/jobs/{job.pk}/launch", {"launch": "yes"})
    states = []
    for action in ("", "pause", "resume", "cancel"):
        browser.post(f"/jobs/{job.pk}/state", {"action": action})
        job.refresh_from_db()
        states.append(job.state)
    assert states == [JobState.RUNNING, JobState.PAUSED, JobState.RUNNING, JobState.CANCELED]
    assert browser.post(f"/jobs/{job.pk}/state", {"action": "resume"}).status_code == 302


def test_a_job_without_rows_can_not_be_launched(browser: Client, empty_job: Job) -> None:
    assert "disabled" in browser.get(f"/jobs/{empty_job.pk}/launch").content.decode()
    answer = browser.post(f"/jobs/{empty_job.pk}/launch", {"launch": "yes"}, follow=True)
    assert "Upload a table and its images first." in answer.content.decode()


def test_an_invitation_is_shown_once_and_works(browser: Client, running_job: Job) -> None:
    form = {"count": "2", "expertise": "radiologist"}
    page = browser.post(f"/jobs/{running_job.pk}/invitations", form).content.decode()
    assert running_job.participations.count() == 2
    token = page.split("http://testserver/join/")[1].split('"')[0].split("<")[0].strip()
    assert Client().get(f"/join/{token}").status_code in (200, 302)
    assert token not in browser.get(f"/jobs/{running_job.pk}/launch").content.decode()


def test_the_monitor_says_what_to_do(browser: Client, running_job: Job, lena: Invitation) -> None:
    address = f"/jobs/{running_job.pk}/monitor"
    assert "Nobody has joined yet" in browser.get(address).content.decode()
    judge(lena.participation, "healthy")
    page = browser.get(address).content.decode()
    assert "failed the quiz" in page
    assert "1 contributor&#x27;s work is not counted." in page


def test_the_monitor_says_on_which_kind_of_image_somebody_fell_short(
    browser: Client, running_job: Job, lena: Invitation
) -> None:
    tally = {"healthy": [6, 0, 0], "pneumonia": [4, 3, 0]}
    Participation.objects.filter(pk=lena.participation.pk).update(
        state="removed", removed_for="accuracy", tally=json.dumps(tally)
    )
    rule = RemovalRule.BOTH
    Job.objects.filter(pk=running_job.pk).update(removal_rule=rule)
    for address in ("monitor", f"contributors/{lena.participation.pk}"):
        page = browser.get(f"/jobs/{running_job.pk}/{address}").content.decode()
        assert "accuracy under the minimum on: Signs of pneumonia" in page


def test_results_say_what_is_settled_and_what_is_not(browser: Client, judged_job: Job) -> None:
    address = f"/jobs/{judged_job.pk}/results"
    assert judged_job.state == JobState.FINISHED
    page = browser.get(address).content.decode()
    assert "Healthy 67%" in " ".join(page.split())
    assert "Healthy 7</a>" in page
    assert "held 1</a>" in page
    assert "Row 12" in browser.get(f"{address}?show=held").content.decode()
    assert "No row is like this." in browser.get(f"{address}?show=unresolved").content.decode()


def test_reports_come_as_files(browser: Client, judged_job: Job) -> None:
    for kind, lines in (("aggregated", 12), ("full", 21)):
        answer = browser.get(f"/jobs/{judged_job.pk}/results/{kind}.csv")
        assert "attachment" in answer.headers["Content-Disposition"]
        text = b"".join(answer).decode()
        assert len(list(csv.DictReader(io.StringIO(text)))) == lines
    assert browser.get(f"/jobs/{judged_job.pk}/results/other.csv").status_code == 404


def test_a_data_set_is_built_and_downloaded(browser: Client, judged_job: Job) -> None:
    address = f"/jobs/{judged_job.pk}/results"
    browser.post(f"{address}/dataset")
    assert "Data set 1" in browser.get(f"{address}/dataset").content.decode()
    answer = browser.get(f"{address}/dataset-1.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        names = archive.namelist()
    assert "job-" + str(judged_job.pk) + "-dataset-1/metadata.csv" in names
    assert sum(name.endswith(".png") for name in names) == 11
    assert browser.get(f"{address}/dataset-2.zip").status_code == 404


def test_a_simulated_job_says_so_wherever_results_show(browser: Client, running_job: Job) -> None:
    invite(running_job, count=1, actor=None, at=now(), simulated=True)
    for place in (f"{running_job.pk}/monitor", f"{running_job.pk}/results", ""):
        assert "imulated" in browser.get(f"/jobs/{place}".rstrip("/")).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_as_much_of_a_large_job_as_of_a_small_one(
    page: str,
    browser: Client,
    make_job: MakeJob,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    small, large = (make_job(rows=n, labelled=n // 2, launched=True) for n in (18, 60))
    for job in (small, large):
        for one in invite(job, count=2, actor=None, at=now()):
            judge(one.participation, "healthy")
    counts = []
    for job in (small, large):
        with django_assert_max_num_queries(40) as seen:
            assert browser.get(f"/jobs/{job.pk}/{page}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_list_of_jobs_asks_as_much_for_many_as_for_one(
    browser: Client, make_job: MakeJob, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_job(rows=4, labelled=2)
    with django_assert_num_queries(4) as first:
        browser.get("/jobs")
    make_job(rows=4, labelled=2)
    with django_assert_num_queries(len(first)):
        browser.get("/jobs")
