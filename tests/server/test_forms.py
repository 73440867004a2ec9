"""The file of a form, whatever is sent as one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from served import FORM, form
from signnet.errors import MediaError
from signnet.server.forms import safe_name, save_file

laws = settings(deadline=None, derandomize=True)


def save(body: bytes, folder: Path, kind: str = FORM) -> Path:
    (folder / "form").write_bytes(body)
    (folder / "file").mkdir(exist_ok=True)
    return save_file(folder / "form", kind, folder / "file")


@laws
@given(st.binary(max_size=5000))
def test_any_content_comes_out_as_it_went_in(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        assert save(form("a.mp4", content), Path(folder)).read_bytes() == content


def test_a_file_of_several_blocks_comes_out_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000
    assert save(form("a.mp4", content), tmp_path).read_bytes() == content


@laws
@given(st.text(st.characters(exclude_characters='"\r\n\\', exclude_categories=["Cs"])))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with TemporaryDirectory() as folder:
        path = save(form(name, b"x"), Path(folder))
        assert path.parent == Path(folder) / "file"
        assert path.is_file()
        assert len(path.name.encode()) <= 255


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\my sign.MP4", "my sign.mp4"),
        ("নাম.webm", "নাম.webm"),
        ("...", "upload"),
        ("a\x00b\n.mp4", "ab.mp4"),
        ("একটি" * 60 + ".mp4", ("একটি" * 60)[:60] + ".mp4"),
    ],
)
def test_names_become_harmless(name: str, harmless: str) -> None:
    assert safe_name(name) == harmless


@laws
@given(st.binary(max_size=2000))
def test_bytes_that_are_no_form_are_refused_in_one_line(body: bytes) -> None:
    with TemporaryDirectory() as folder, pytest.raises(MediaError, match="`file`"):
        save(body, Path(folder))


@pytest.mark.parametrize("cut", [1, 5, 30, 60])
def test_a_form_that_was_cut_is_refused(cut: int, tmp_path: Path) -> None:
    body = form("a.mp4", b"content" * 10)
    with pytest.raises(MediaError, match="send one as the field `file`"):
        save(body[:-cut] if cut > 4 else body[: -cut - 4], tmp_path)


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "\x00"],
)
def test_another_kind_of_body_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="send one as the field `file`"):
        save(form("a.mp4", b"x"), tmp_path, kind)


def test_two_files_are_refused(tmp_path: Path) -> None:
    one = form("a.mp4", b"x")
    two = one[: one.rindex(b"--a-line")] + form("b.mp4", b"y")
    with pytest.raises(MediaError, match="several files"):
        save(two, tmp_path)
