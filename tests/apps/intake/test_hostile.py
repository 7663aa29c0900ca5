"""Broken, lying and dangerous files: each is named in words, none takes anything along, all are kept as sent."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse
from PIL import Image

from chunfeng.apps.intake.models import Delivery, SentFile
from chunfeng.apps.vault import files
from tests.apps.intake.conftest import HOSTILE, everywhere, hand_in

pytestmark = pytest.mark.usefixtures("lasting", "db")
REFUSED = {
    "残联（加密123456）.xlsx": "FILE_PASSWORD",
    "高压缩比.xlsx": "FILE_BOMB",
    "实体膨胀.xlsx": "FILE_ENTITIES",
    "截断.xlsx": "FILE_DAMAGED",
    "零字节.xlsx": "FILE_EMPTY",
}
READ = (
    "注入.csv",
    "意向登记（含公式）.xlsx",
    "重复表头.xlsx",
    "混合编码.csv",
    "低保核对（网页另存）.xls",
    "三十列串位.xlsx",
)
PICTURES = ("PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "MPO")
BUNDLES = ("路径穿越.zip", "乡镇报送（GBK文件名）.zip")


def photo(format: str = "JPEG", **kwargs) -> bytes:
    picture = Image.new("RGB", (400, 300), "white")
    exif = picture.getexif()
    exif[0x010E] = "secret place"
    picture.save(out := io.BytesIO(), format, exif=exif, **kwargs)
    return out.getvalue()


def nested() -> bytes:
    content = b"a,b\n1,2\n"
    for level in range(4):
        with zipfile.ZipFile(out := io.BytesIO(), "w") as bundle:
            bundle.writestr(f"{level}.zip" if level else "a.csv", content)
        content = out.getvalue()
    return content


@pytest.fixture(scope="module")
def sent(lasting):
    names = (*REFUSED, *READ, *BUNDLES)
    more = [
        ("照片.jpg", photo()),
        ("坏照片.jpg", photo()[:200]),
        ("太大.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50),
        ("清单.pdf", b"%PDF-1.4\n..."),
        *[(f"照片.{kind.lower()}", photo(kind)) for kind in PICTURES],
        ("苹果手机.HEIC", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 40),
        ("坏拍照.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("套娃.zip", nested()),
        ("../../../etc/passwd", b"root:x:0:0\n"),
        ("<svg onload=alert(1)>.csv", b"a,b\n1,2\n"),
    ]
    return hand_in(*[(n, (HOSTILE / n).read_bytes()) for n in names], *more).pk


@pytest.fixture
def by_name(sent):
    with everywhere():
        assert Delivery.objects.get(pk=sent).state != Delivery.State.READING
        return {f.name: f for f in SentFile.objects.filter(delivery=sent)}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(by_name, name):
    assert (by_name[name].state, by_name[name].refusal) == (SentFile.State.REFUSED, REFUSED[name])


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_read(by_name, name):
    with everywhere():
        assert by_name[name].state == SentFile.State.READ
        assert by_name[name].extracts.exists()


def test_all_are_kept_as_sent(by_name):
    for name in (*REFUSED, *READ, *BUNDLES):
        assert files.read(by_name[name].stored) == (HOSTILE / name).read_bytes()


def test_a_path_out_of_the_bundle_leads_nowhere(by_name):
    file = by_name["路径穿越.zip"]
    assert file.kind == SentFile.Kind.BUNDLE
    assert "ARCHIVE_MEMBER_PATH" in {s.get("refused") for s in file.sources}
    assert (
        any(s.get("refused") == "ARCHIVE_TOO_DEEP" for s in by_name["套娃.zip"].sources)
        or by_name["套娃.zip"].refusal
    )


def test_names_are_no_paths(by_name):
    for file in by_name.values():
        assert ".." not in file.path.split("/") and not file.path.startswith("/")


def test_photographs_are_written_anew(by_name):
    shown = files.read(by_name["照片.jpg"].picture)
    assert b"secret place" not in shown
    assert Image.open(io.BytesIO(shown)).size == (400, 300)
    assert by_name["坏照片.jpg"].state in (SentFile.State.REFUSED, SentFile.State.KEPT)
    assert by_name["太大.png"].refusal == by_name["坏拍照.webp"].refusal == "PICTURE_DAMAGED"
    for kind in PICTURES:
        anew = files.read(by_name[f"照片.{kind.lower()}"].picture)
        assert b"secret place" not in anew and Image.open(io.BytesIO(anew)).format == "JPEG", kind
    heic = by_name["苹果手机.HEIC"]
    assert (heic.kind, heic.state, heic.picture) == (SentFile.Kind.ATTACHMENT, SentFile.State.KEPT, "")
    assert (by_name["清单.pdf"].kind, by_name["清单.pdf"].state) == (
        SentFile.Kind.ATTACHMENT,
        SentFile.State.KEPT,
    )


def test_pages_show_them_dead(sent, by_name, client_as):
    client = client_as()
    text = client.get(reverse("intake-delivery", args=[sent])).content.decode()
    assert "<svg onload" not in text and "&lt;svg onload" in text
    assert "设有打开密码" in text and "疑似压缩炸弹" in text
    assert (
        client.get(reverse("intake-picture", args=[by_name["照片.jpg"].pk]))["Content-Type"] == "image/jpeg"
    )
    assert client.get(reverse("intake-picture", args=[by_name["清单.pdf"].pk])).status_code == 404
    with everywhere():
        injected = by_name["注入.csv"].extracts.first()
    for page in ("rows", "columns", "issues"):
        text = client.get(reverse(f"intake-{page}", args=[injected.pk])).content.decode()
        assert "<script>alert" not in text
