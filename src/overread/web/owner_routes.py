"""The owner's addresses."""

from overread.web.access import Right
from overread.web.route import FORM, POST, Route
from overread.web.views import (
    contests,
    contributors,
    copying,
    design,
    designing,
    erasing,
    examples,
    explaining,
    export,
    intake,
    jobs,
    launching,
    monitor,
    preview,
    quality,
    reporting,
    test_question,
)

OWNER = Right.OWNER
JOB = "jobs/<int:job>"

OWNER_ROUTES: tuple[Route, ...] = (
    Route("jobs", jobs.jobs, OWNER, "jobs"),
    Route("jobs/new", jobs.new_job, OWNER, "new-job", FORM),
    Route("patients/erase", erasing.erase, OWNER, "erase-patient", FORM),
    Route(JOB, jobs.job, OWNER, "job"),
    Route(f"{JOB}/data", intake.data, OWNER, "data", FORM),
    Route(f"{JOB}/data/progress", intake.data_progress, OWNER, "data-progress"),
    Route(f"{JOB}/data/problems.csv", intake.data_problems, OWNER, "data-problems"),
    Route(f"{JOB}/data/patients", intake.patients, OWNER, "patients", POST),
    Route(f"{JOB}/data/beside", intake.beside, OWNER, "beside", POST),
    Route(f"{JOB}/design", design.design, OWNER, "design", FORM),
    Route(f"{JOB}/design/changes", copying.design_changes, OWNER, "design-changes"),
    Route(f"{JOB}/copy", copying.copy, OWNER, "copy", FORM),
    Route(f"{JOB}/design/draw", designing.draw, OWNER, "design-draw", POST),
    Route(f"{JOB}/design/save", designing.save, OWNER, "design-save", POST),
    Route(f"{JOB}/design/prose", designing.prose, OWNER, "design-prose", POST),
    Route(f"{JOB}/design/examples", examples.examples, OWNER, "examples"),
    Route(f"{JOB}/design/examples/<int:unit>", examples.example, OWNER, "example", FORM),
    Route(f"{JOB}/quality", quality.quality, OWNER, "quality", FORM),
    Route(f"{JOB}/quality/<int:unit>", test_question.test_question, OWNER, "test-question", FORM),
    Route(f"{JOB}/preview", preview.preview, OWNER, "preview"),
    Route(f"{JOB}/preview/page", preview.preview_page, OWNER, "preview-page", POST),
    Route(f"{JOB}/preview/forms", preview.preview_forms, OWNER, "preview-forms"),
    Route(
        f"{JOB}/preview/submission", preview.preview_submission, OWNER, "preview-submission", POST
    ),
    Route(f"{JOB}/preview/report", preview.preview_report, OWNER, "preview-report", POST),
    Route(f"{JOB}/preview.html", preview.preview_file, OWNER, "preview-file"),
    Route(f"{JOB}/proposal.<str:kind>", preview.proposal_file, OWNER, "proposal-file"),
    Route(f"{JOB}/launch", launching.launch, OWNER, "launch", FORM),
    Route(f"{JOB}/dry-run", launching.rehearsal, OWNER, "dry-run", FORM),
    Route(f"{JOB}/state", launching.job_state, OWNER, "job-state", POST),
    Route(f"{JOB}/invitations", launching.invitations, OWNER, "invitations", POST),
    Route(f"{JOB}/monitor", monitor.monitor, OWNER, "monitor"),
    Route(f"{JOB}/monitor/figures", monitor.monitor_figures, OWNER, "monitor-figures"),
    Route(f"{JOB}/reports", reporting.reports, OWNER, "reports", FORM),
    Route(f"{JOB}/objections", contests.objections, OWNER, "objections", FORM),
    Route(f"{JOB}/discussion", contests.discussion, OWNER, "discussion", FORM),
    Route(
        f"{JOB}/contributors/<int:participation>",
        contributors.contributor,
        OWNER,
        "contributor",
        FORM,
    ),
    Route(f"{JOB}/results", export.results, OWNER, "results"),
    Route(f"{JOB}/results/<int:unit>", explaining.label, OWNER, "label"),
    Route(f"{JOB}/results/<str:kind>.csv", export.report, OWNER, "report"),
    Route(f"{JOB}/results/dataset", export.dataset, OWNER, "dataset", FORM),
    Route(f"{JOB}/results/dataset-<int:number>.zip", export.dataset_zip, OWNER, "dataset-file"),
)
