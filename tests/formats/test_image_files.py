import struct
import zipfile
from pathlib import Path

import pytest

from overread.formats.image_files import ImageFiles, Limits, SourceError
from overread.formats.tables import read_table
from tests.shared_data import shared_data


def folder(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def archive(path: Path, *names: str, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name in names:
            file.writestr(name, name)
    return path


@pytest.fixture(params=["folder", "zip"])
def images(request, tmp_path):
    """The same files, as a folder called `xrays` and as a zip of that name."""

    def make(*names: str) -> ImageFiles:
        if request.param == "folder":
            return ImageFiles.open([folder(tmp_path / "xrays", *names)])
        return ImageFiles.open([archive(tmp_path / "xrays.zip", *names)])

    return make


def found(files: ImageFiles, reference: str, chosen: str = "") -> str:
    match = files.find(reference, chosen)
    assert match.entry, match.problem
    return match.entry.name.split("/", 1)[1]


def missing(files: ImageFiles, reference: str, chosen: str = ""):
    match = files.find(reference, chosen)
    assert match.entry is None
    assert match.problem
    return match.problem


@pytest.mark.parametrize(
    "reference",
    [
        "child 1.jpeg",
        "somewhere/else/child 1.jpeg",
        r"C:\xrays\child 1.jpeg",
        "https://hospital.example/2019/5cad_x/child%201.jpeg",
        "https://hospital.example/child%201.jpeg?expires=1&name=a/b.png#top",
        "s3://bucket/child 1.jpeg",
        " child 1.jpeg ",
        "CHILD 1.JPEG",
        "child 1.jpg",
    ],
)
def test_an_image_is_found_by_its_name_however_the_row_writes_it(images, reference):
    files = images("a/child 1.jpeg", "a/child 2.jpeg", "notes.txt")
    assert found(files, reference) == "a/child 1.jpeg"


def test_a_percent_sign_that_belongs_to_the_name_is_found(images):
    assert found(images("100%25.png"), "https://hospital.example/100%25.png") == "100%25.png"


def test_an_address_that_is_none_is_still_looked_up(images):
    assert found(images("a.png"), "http://[broken/a.png") == "a.png"


def test_the_name_as_it_is_goes_before_the_same_name_in_another_case(images):
    files = images("a.png", "A.png")
    assert found(files, "A.png") == "A.png"
    assert "more than once" in missing(files, "a.PNG").problem


def test_another_jpeg_ending_is_taken_only_where_one_file_fits(images):
    files = images("x/a.jpg", "y/a.JPG", "b.jpeg", "c.png")
    assert found(files, "b.jpg") == "b.jpeg"
    assert "more than once" in missing(files, "a.jpeg").problem
    assert "no image file called c.jpg" in missing(files, "c.jpg").problem


def test_a_name_written_in_composed_letters_finds_the_decomposed_one(images):
    assert found(images("Zoe\u0308.png"), "Zo\u00eb.png") == "Zoe\u0308.png"


def test_a_missing_image_says_which_and_what_to_do(images):
    problem = missing(images("a.png"), "https://hospital.example/x/b.png")
    assert problem.problem == "There is no image file called b.png."
    assert "Add the file" in problem.advice


@pytest.mark.parametrize("reference", ["", "  "])
def test_a_row_that_names_no_image_says_so(images, reference):
    assert missing(images("a.png"), reference).problem == "The row names no image."


@pytest.mark.parametrize("reference", ["/", "..", ".", "https://hospital.example", "a/"])
def test_a_reference_without_a_name_finds_nothing(images, reference):
    assert missing(images("b.png"), reference)


def test_the_folders_that_a_row_writes_decide_between_files_of_one_name(images):
    files = images("p1/s1/image1.png", "p1/s2/image1.png", "p2/s1/image1.png")
    assert found(files, "data/p1/s2/image1.png") == "p1/s2/image1.png"
    assert found(files, "P2/S1/image1.png") == "p2/s1/image1.png"
    assert "more than once" in missing(files, "s1/image1.png").problem


def test_all_rows_take_their_images_from_the_one_folder_that_has_most(images):
    files = images("224/a.png", "224/b.png", "224/c.png", "full/a.png", "full/b.png", "full/d.png")
    rows = ["a.png", "b.png", "c.png", "c.png"]
    chosen = files.choose_folder(rows)
    assert chosen.endswith("/224")
    assert [found(files, row, chosen) for row in rows[:3]] == [
        "224/a.png",
        "224/b.png",
        "224/c.png",
    ]
    problem = missing(files, "d.png", chosen)
    assert "only there as" in problem.problem
    assert "full/d.png" in problem.problem
    assert problem.advice.endswith("/224.")


def test_folders_that_share_no_name_are_all_used(images):
    files = images("NORMAL/a.png", "PNEUMONIA/b.png")
    assert files.choose_folder(["a.png", "b.png"]) == ""
    assert found(files, "b.png") == "PNEUMONIA/b.png"


def test_one_name_in_two_folders_does_not_cost_the_other_rows_their_images(images):
    files = images("NORMAL/a.png", "NORMAL/b.png", "PNEUMONIA/a.png", "PNEUMONIA/c.png")
    rows = ["a.png", "b.png", "c.png"]
    chosen = files.choose_folder(rows)
    assert found(files, "b.png", chosen)
    assert found(files, "c.png", chosen)
    assert "more than once" in missing(files, "a.png", chosen).problem


def test_between_two_equal_folders_olga_has_to_choose(images):
    files = images("224/a.png", "224/b.png", "full/a.png", "full/b.png")
    chosen = files.choose_folder(["a.png", "b.png"])
    problem = missing(files, "a.png", chosen)
    assert "224/a.png" in problem.problem
    assert "full/a.png" in problem.problem
    assert problem.advice == "Give only the folder or zip whose images are to be judged."


def test_what_the_operating_system_leaves_behind_is_no_image(images):
    files = images("a.png", "__MACOSX/._a.png", ".hidden/b.png", "._c.png", "Thumbs.db")
    assert [name.split("/", 1)[1] for name in files.names()] == ["a.png"]
    assert files.problems == ()
    assert missing(files, "b.png")


def test_names_lists_images_a_to_z_and_read_gives_their_bytes(images):
    with images("b/2.TIF", "a.webp", "notes.csv") as files:
        assert [name.split("/", 1)[1] for name in files.names()] == ["a.webp", "b/2.TIF"]
        assert [files.read(entry) for entry in files.entries()] == [b"a.webp", b"b/2.TIF"]


def test_a_file_that_is_no_image_is_found_so_that_its_row_can_say_why(images):
    assert found(images("a.png", "b.gif"), "b.gif") == "b.gif"


def test_folders_zips_and_single_files_are_looked_up_together(tmp_path):
    files = ImageFiles.open(
        [
            folder(tmp_path / "one", "a.png"),
            archive(tmp_path / "two.zip", "b.png"),
            folder(tmp_path, "c.png") / "c.png",
        ]
    )
    assert files.names() == ("c.png", "one/a.png", "two.zip/b.png")
    assert files.read(files.find("c.png").entry) == b"c.png"


def test_no_source_at_all_finds_nothing():
    assert "no image file called a.png" in missing(ImageFiles.open([]), "a.png").problem


def refused(*paths: Path, limits: Limits | None = None):
    with pytest.raises(SourceError) as error:
        ImageFiles.open(paths, limits or Limits())
    return error.value.problem


def test_a_path_that_is_not_there_is_refused(tmp_path):
    problem = refused(tmp_path / "xrays")
    assert str(problem) == "xrays: It is not there. Check the path of the images."


@pytest.mark.parametrize("name", ["notes.txt", "a.gif"])
def test_a_source_without_images_is_refused(images, name):
    with pytest.raises(SourceError) as error:
        images(name)
    assert error.value.problem.problem == "There is no image in it."
    assert "JPEG, PNG" in error.value.problem.advice


@pytest.mark.parametrize("keep", [0, 10, 60])
def test_a_damaged_zip_is_refused(tmp_path, keep):
    path = archive(tmp_path / "xrays.zip", "a.png", "b.png")
    path.write_bytes(path.read_bytes()[:keep])
    problem = refused(path)
    assert problem.source == "xrays.zip"
    assert problem.problem == "The zip archive is damaged or incomplete."
    assert "give the folder instead" in problem.advice


def test_too_many_files_are_refused(images, tmp_path):
    names = [f"{n}.png" for n in range(4)]
    for path in folder(tmp_path / "many", *names), archive(tmp_path / "many.zip", *names):
        assert refused(path, limits=Limits(files=3)).problem == "There are more than 3 files."


def test_a_zip_that_unpacks_to_too_much_in_all_is_refused(tmp_path):
    path = archive(tmp_path / "xrays.zip", "aaaa.png", "bbbb.png")
    problem = refused(path, limits=Limits(total=15))
    assert "more than an honest one can hold" in problem.problem


def test_a_zip_whose_members_share_their_bytes_is_refused(tmp_path):
    path = tmp_path / "overlap.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.png", b"x" * 1000)
        first = file.getinfo("a.png")
        for name in ("b.png", "c.png"):
            copy = zipfile.ZipInfo(name)
            copy.header_offset, copy.CRC = first.header_offset, first.CRC
            copy.file_size = copy.compress_size = 1000
            file.filelist.append(copy)
            file.NameToInfo[name] = copy
    assert "honest" in refused(path).problem


def left_out(path: Path, limits: Limits | None = None):
    """What a zip that also holds a.png leaves out, and the proof that a.png is still there."""
    with ImageFiles.open([path], limits or Limits()) as files:
        assert found(files, "a.png") == "a.png"
        assert len(files.names()) == 1
        [problem] = files.problems
    assert problem.advice == "Unpack the archive and give the folder instead."
    return problem


@pytest.mark.parametrize(
    "name", ["../b.png", "/etc/b.png", "x/../../b.png", "C:/b.png", r"..\b.png"]
)
def test_a_member_that_leads_out_of_the_archive_is_left_out(tmp_path, name):
    problem = left_out(archive(tmp_path / "xrays.zip", "a.png", name))
    assert problem.problem == "Its path leads out of the archive."


def test_an_archive_in_the_archive_is_left_out(tmp_path):
    problem = left_out(archive(tmp_path / "xrays.zip", "a.png", "more.zip"))
    assert str(problem).startswith("xrays.zip/more.zip: It is an archive inside the archive.")


def test_a_link_in_the_archive_is_left_out(tmp_path):
    path = archive(tmp_path / "xrays.zip", "a.png")
    link = zipfile.ZipInfo("b.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "/etc/passwd")
    assert left_out(path).problem == "It is a link, not a file."


def test_a_member_that_is_too_large_is_left_out(tmp_path):
    path = archive(tmp_path / "xrays.zip", "a.png")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("b.png", b"x" * (2**20 + 1))
    assert left_out(path, Limits(file=2**20)).problem == "It is larger than 1 MB."


def test_a_member_that_unpacks_to_hundreds_of_times_its_size_is_left_out(tmp_path):
    path = archive(tmp_path / "xrays.zip", "a.png", method=zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("b.png", bytes(2**21))
    assert left_out(path).problem == "It unpacks to over 200 times its size."


def test_an_encrypted_member_is_left_out(tmp_path):
    path = archive(tmp_path / "xrays.zip", "a.png", "b.png")
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= 1
    path.write_bytes(data)
    assert left_out(path).problem == "It is encrypted."


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_damaged_member_says_so_when_it_is_read(tmp_path, method):
    path = archive(tmp_path / "xrays.zip", "long-name.png", method=method)
    data = bytearray(path.read_bytes())
    start = 30 + len("long-name.png")
    data[start : start + 9] = b"\xff" * 9
    path.write_bytes(data)
    with ImageFiles.open([path]) as files, pytest.raises(SourceError) as error:
        files.read(files.find("long-name.png").entry)
    assert error.value.problem.source == "xrays.zip/long-name.png"
    assert "can't be read" in error.value.problem.problem


def test_a_member_packed_by_an_unknown_method_says_so_when_it_is_read(tmp_path):
    path = archive(tmp_path / "xrays.zip", "a.png")
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 10, 97)
    path.write_bytes(data)
    with ImageFiles.open([path]) as files, pytest.raises(SourceError):
        files.read(files.find("a.png").entry)


def test_a_name_in_utf8_that_the_archive_does_not_declare_is_found(tmp_path):
    path = archive(tmp_path / "xrays.zip", "Zoë.png")
    data = path.read_bytes()
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(signature) + flags + 1
        data = data[:place] + b"\0" + data[place + 1 :]
    path.write_bytes(data)
    with ImageFiles.open([path]) as files:
        assert found(files, "Zoë.png") == "Zoë.png"
        assert files.read(files.entries()[0]) == "Zoë.png".encode()


def test_windows_folders_in_a_zip_are_folders(tmp_path):
    with ImageFiles.open([archive(tmp_path / "xrays.zip", r"224\a.png")]) as files:
        assert files.names() == ("xrays.zip/224/a.png",)


def test_links_out_of_the_folder_are_left_out_and_links_inside_are_read(tmp_path):
    outside = folder(tmp_path / "private", "secret.png")
    root = folder(tmp_path / "xrays", "a.png")
    (root / "b.png").symlink_to(outside / "secret.png")
    (root / "more").symlink_to(outside, target_is_directory=True)
    (root / "c.png").symlink_to(root / "a.png")
    (root / "d.png").symlink_to(root / "nowhere.png")
    files = ImageFiles.open([root])
    assert files.names() == ("xrays/a.png", "xrays/c.png")
    assert [(problem.source, str(problem.problem)) for problem in files.problems] == [
        ("xrays/b.png", "The link leads out of the folder."),
        ("xrays/d.png", "It is not a file that can be read."),
    ]
    assert missing(files, "secret.png")


def test_a_file_that_grew_too_large_or_is_gone_says_so_when_it_is_read(tmp_path):
    files = ImageFiles.open([folder(tmp_path / "xrays", "a.png", "b.png")], Limits(file=2**20))
    (tmp_path / "xrays/a.png").write_bytes(bytes(2**20 + 1))
    (tmp_path / "xrays/b.png").unlink()
    with pytest.raises(SourceError, match=r"xrays/a\.png: It is larger than 1 MB"):
        files.read(files.find("a.png").entry)
    with pytest.raises(SourceError, match=r"xrays/b\.png: The file can't be read"):
        files.read(files.find("b.png").entry)


def test_the_missions_images_come_from_one_folder_and_three_rows_have_none():
    table = read_table(shared_data("udacity", "xray_image_data.csv"))
    rows = [row.cells["hosted_image"] for row in table.rows]
    files = ImageFiles.open([shared_data("udacity", "images")])
    chosen = files.choose_folder(rows)
    assert chosen == "images/224"
    assert sum(files.find(row, chosen).entry is not None for row in rows) == 114


def test_an_archive_inside_a_folder_is_told_and_not_opened(tmp_path):
    root = folder(tmp_path / "xrays", "a.png")
    archive(root / "more.zip", "b.png")
    with ImageFiles.open([root]) as files:
        assert files.names() == ("xrays/a.png",)
        [problem] = files.problems
    assert str(problem) == (
        "xrays/more.zip: It is an archive inside the folder. Give it as a source of its own."
    )
