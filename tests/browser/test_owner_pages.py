"""An owner's pages on the way to the launch: for screen readers, in light and dark, enlarged."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import PATIENCE_MS, Server, served
from tests.browser.looking import cut_off, serious
from tests.conftest import write_images, write_table

PAGES = (
    "data",
    "design",
    "design/changes",
    "design/examples",
    "design/examples/{example}",
    "quality",
    "quality/{question}",
    "launch",
    "copy",
)
# What 200 % leave of a window of 1280 by 900.
ENLARGED = {"width": 640, "height": 450}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all of these tests, which look and change nothing."""
    with served(tmp_path_factory.mktemp("owner-pages")) as server:
        yield server


@pytest.fixture(scope="module")
def signed_in(server: Server, chromium: Browser) -> StorageState:
    context = chromium.new_context()
    context.new_page().goto(server.owner())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def addresses(server: Server, chromium: Browser, signed_in: StorageState) -> list[str]:
    """The pages of a draft with test questions and an example, which made a second version."""
    folder = server.home.parent
    table, images = write_table(folder / "table.csv", 8, 6), write_images(folder / "images", 8)
    template = ("--template", "who-paediatric-chest-x-ray")
    job = server.run("job", "create", table, "--images", images, *template).stdout.split()[-1]
    page = chromium.new_context(storage_state=signed_in).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.address}/jobs/{job}/design/examples")
    page.get_by_role("link", name="Row 8").click()
    page.get_by_label("Caption").fill("Both lungs are clear to their edges.")
    example = page.url.rsplit("/", 1)[1]
    page.get_by_role("button", name="Save").click()
    page.goto(f"{server.address}/jobs/{job}/quality")
    question = page.locator(".thumbnails a").first.get_attribute("href")
    assert question is not None
    names = {"example": example, "question": question.rsplit("/", 1)[1]}
    page.context.close()
    return [f"{server.address}/jobs/{job}/{one.format(**names)}" for one in PAGES]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def olga(chromium: Browser, signed_in: StorageState, scheme: str) -> Iterator[Page]:
    context = chromium.new_context(
        viewport=WIDE,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        storage_state=signed_in,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    yield page
    context.close()


def test_axe_finds_nothing_serious_and_nothing_is_cut_off_at_200_percent(
    olga: Page, addresses: list[str]
) -> None:
    found: dict[str, list[str]] = {}
    for address in addresses:
        olga.set_viewport_size(WIDE)  # type: ignore[arg-type]
        olga.goto(address)
        open_all(olga)
        found[f"axe: {address}"] = serious(olga)
        olga.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
        found[f"cut off: {address}"] = cut_off(olga)
    assert {where: what for where, what in found.items() if what} == {}


def open_all(page: Page) -> None:
    """Everything that can be unfolded: cards, settings, checks."""
    if page.locator("question-designer").count():
        expect(page.get_by_role("heading", name="As contributors see it")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def test_the_designer_is_worked_by_keyboard_at_200_percent(
    olga: Page, addresses: list[str]
) -> None:
    olga.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
    olga.goto(addresses[PAGES.index("design")])
    card = olga.locator(".design-card").filter(has_text="Conclusion").last
    card.locator("summary.design-head").press("Enter")
    button = card.get_by_role("button", name="Add a rule")
    button.press("Enter")
    rule = card.get_by_role("group", name="Rule 4")
    added = rule.get_by_role("combobox", name="Condition 1", exact=True)
    expect(added).to_be_focused()
    expect(added).to_be_in_viewport()
    assert cut_off(olga) == []
    olga.get_by_role("button", name="Code view (CML)").press("Enter")
    code = olga.get_by_role("textbox", name="Code view (CML)")
    expect(code).to_be_visible()
    assert (cut_off(olga), serious(olga)) == ([], [])


def test_the_preview_is_read_at_200_percent(olga: Page, addresses: list[str]) -> None:
    olga.goto(addresses[0].rsplit("/", 1)[0] + "/preview")
    expect(olga.locator("reading-page[data-view=judging]")).to_be_visible()
    expect(olga.locator("x-ray[data-state=loaded]").first).to_be_visible()
    assert serious(olga) == []
    olga.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
    assert cut_off(olga) == []
    last = olga.get_by_role("button", name="Uninterpretable")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
