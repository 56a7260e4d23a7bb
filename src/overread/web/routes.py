"""Every address, with the right that it needs."""

from overread.web import hot, images
from overread.web.access import Right
from overread.web.owner_routes import OWNER_ROUTES
from overread.web.route import FORM, POST, Route
from overread.web.views import (
    drafts,
    identities,
    judging,
    judging_api,
    objecting,
    people,
    reporting,
)

PEOPLE_ROUTES = (
    Route("api/ping", hot.ping_view, Right.PUBLIC, "ping"),
    Route("", people.home, Right.PUBLIC, "home"),
    Route("sign-in", people.sign_in, Right.PUBLIC, "sign-in", FORM),
    Route("sign-in/<str:token>", people.sign_in_by_link, Right.PUBLIC, "sign-in-link"),
    Route("sign-out", people.sign_out, Right.SIGNED_IN, "sign-out", POST),
    Route("account", people.account, Right.SIGNED_IN, "account", FORM),
    Route("identities", identities.identities, Right.CUSTODIAN, "identities", FORM),
    Route("join/<str:token>", people.join, Right.PUBLIC, "join"),
)
CONTRIBUTOR_ROUTES = (
    Route("work", judging.work, Right.SIGNED_IN, "work"),
    Route("work/<int:job>/welcome", judging.welcome, Right.CONTRIBUTOR, "welcome"),
    Route("work/<int:job>", judging.reading, Right.CONTRIBUTOR, "reading"),
    Route("work/<int:job>/instructions", judging.instructions, Right.CONTRIBUTOR, "instructions"),
    Route("work/<int:job>/end", judging.end, Right.CONTRIBUTOR, "end"),
    Route("api/jobs/<int:job>/page", judging_api.page, Right.JUDGING, "api-page", POST),
    Route(
        "api/jobs/<int:job>/submission",
        judging_api.submission,
        Right.JUDGING,
        "api-submission",
        POST,
    ),
    Route("api/jobs/<int:job>/draft", drafts.draft, Right.JUDGING, "api-draft", FORM),
    Route("api/jobs/<int:job>/forms", judging.forms, Right.JUDGING, "api-forms"),
    Route(
        "work/<int:job>/objections",
        objecting.own_objections,
        Right.CONTRIBUTOR,
        "own-objections",
        FORM,
    ),
    Route("api/jobs/<int:job>/contest", objecting.contest, Right.JUDGING, "api-contest", POST),
    Route("api/jobs/<int:job>/remarks", objecting.remarks, Right.JUDGING, "api-remarks", FORM),
    Route("api/jobs/<int:job>/report", reporting.report, Right.JUDGING, "api-report", POST),
    Route("i/<str:handle>", images.image, Right.IMAGE, "image"),
)
ROUTES = (*PEOPLE_ROUTES, *CONTRIBUTOR_ROUTES, *OWNER_ROUTES)

urlpatterns = [route.pattern() for route in ROUTES]
