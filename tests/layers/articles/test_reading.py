"""Files to texts: encodings, kinds by content, references, languages, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from geo.errors import ArticleError
from layers.articles import parsing
from layers.articles.decoding import decode
from layers.articles.languages import detect_language
from layers.articles.parsing import html_depth, parse
from layers.articles.references import edtf_of, find_reference, issued, merged, read_sidecar, sidecar_of

RUSSIAN = "Первый поезд по новому маршруту вышел из Сианя и прошёл через Хоргос в Казахстан, а затем в Узбекистан. " * 4
CHINESE = "中吉乌铁路连接中国、吉尔吉斯斯坦和乌兹别克斯坦,全线开工仪式已经举行,列车将经过喀什。" * 6
TURKISH = "Orta Koridor için imzalanan anlaşma ile yük treni Türkiye üzerinden geçecek ve bu çok önemli olacak. " * 4


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Xi’an – Khorgos", "utf-8-sig"),
        ("Xi’an – Khorgos", "utf-16"),
        ("Xi’an – Khorgos", "utf-32"),
        ("Trains run from Kashgar", "utf-16-le"),
        ("Trains run from Kashgar", "utf-16-be"),
        ("The summit in Xi’an was “historic”, they said. " * 20, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (CHINESE, "gb18030"),
        (TURKISH, "cp1254"),
    ],
)
def test_text_comes_back_from_its_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_web_page_s_own_charset_counts() -> None:
    page = '<html><head><meta charset="windows-1251"></head><body>Хоргос</body></html>'
    assert "Хоргос" in decode(page.encode("cp1251"), is_web_page=True)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([".txt", ".md", ".html", ".pdf"]))
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str) -> None:
    try:
        text = parse(data, suffix).text
    except ArticleError:
        return
    assert "\0" not in text
    text.encode()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 5_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (zip_bomb(), "ZIP archive"),
        (gzip.compress(b"x" * 1000), "gzip"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "Office"),
        (b"China\0and\0Kazakhstan " * 50, "null character"),
        (b"\x01\x02\x03\x04" * 50, "control characters"),
        (random.Random(1).randbytes(4000), "UTF-8|control|null"),
        (b"1, 2, 3", "no word"),
        (b"<?xml version='1.0'?><kml/>", "XML"),
        (b"<html><body>" + b"<div>" * 10_000 + b"Kazakhstan", "nested 10,002 deep"),
        (b"<html><body>" + b"<" * 100_000, "no main text|no word"),
        (b"%PDF-1.7\n" + random.Random(1).randbytes(2000), "PDF that cannot be read"),
        (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n", "PDF that cannot be read"),
        (b"Kazakhstan " * 50_000, "limit is 500,000"),
    ],
)
def test_what_is_no_article_is_refused_by_its_true_name(data: bytes, why: str) -> None:
    with pytest.raises(ArticleError, match=why):
        parse(data, ".txt")


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_FILE_BYTES", 10)
    with pytest.raises(ArticleError, match="11 bytes, the limit is 10"):
        parse(b"Kazakhstan.", ".txt")


PAGE = """<!DOCTYPE html><html lang="en"><head><title>Rail news</title>
<meta property="og:title" content="First train through Khorgos"><meta name="author" content="Ann Lee">
<meta property="article:published_time" content="2023-05-18T10:00:00Z">
<meta property="og:site_name" content="Rail News"><link rel="canonical" href="https://example.org/khorgos"></head>
<body><nav><a href="/">Home</a> <a href="/x">Beijing</a></nav>
<article><h1>First train through Khorgos</h1><p>The first train of the new service left Xi’an on Monday and reached the
dry port of Khorgos three days later, the railway said.</p><p>It carried forty containers of machine parts for
Kazakhstan and will return with grain, according to the operator of the terminal.</p></article>
<script>var place = "Minsk";</script><footer>© 1999 Rail News</footer></body></html>"""


def test_a_web_page_gives_its_main_text_and_its_reference() -> None:
    parsed = parse(PAGE.encode(), ".txt")
    assert parsed.kind == "html"
    assert "forty containers" in parsed.text
    assert "Minsk" not in parsed.text
    assert "<p>" not in parsed.text
    reference = find_reference(parsed, "a.txt")
    assert reference["title"] == "First train through Khorgos"
    assert reference["author"] == [{"literal": "Ann Lee"}]
    assert reference["publisher"] == "Rail News"
    assert reference["URL"] == "https://example.org/khorgos"
    assert edtf_of(reference) == "2023-05-18"


def test_a_year_in_a_copyright_line_is_no_date() -> None:
    page = PAGE.replace('<meta property="article:published_time" content="2023-05-18T10:00:00Z">', "")
    assert edtf_of(find_reference(parse(page.encode(), ".html"), "a.html")) == ""


def test_depth_counts_what_stays_open() -> None:
    assert html_depth("<div>" * 3 + "<br>" * 9 + "</div>" * 3 + "<p>" * 500) == 3


def test_markdown_keeps_its_text_and_gives_its_front_matter() -> None:
    parsed = parse(b"---\ntitle: A line\ndate: 2023-05~\n---\n# Heading\n\nFrom **Osh** on.\n", ".md")
    assert parsed.text == "# Heading\n\nFrom **Osh** on.\n"
    assert parsed.title == "Heading"
    assert "title: A line" in parsed.front_matter


def test_a_pdf_without_text_says_so() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(ArticleError, match="without a text layer"):
        parse(out.getvalue(), ".pdf")


def pdf(text: str, title: str) -> bytes:
    """A PDF of one page, written by hand: five objects and their offsets."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Title({title})/CreationDate(D:20200101)>>".encode(),
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out + b"trailer<</Size 7/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF" % start)


def test_a_pdf_gives_its_text_and_title_but_no_date() -> None:
    parsed = parse(pdf("Trains from Kashgar reach Osh", "A new line"), ".pdf")
    assert parsed.text == "Trains from Kashgar reach Osh"
    assert parsed.title == "A new line"
    assert parsed.date == ""
    assert parse(pdf("Trains from Kashgar", "Microsoft Word - x.doc"), ".pdf").title == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [(RUSSIAN, "ru"), (CHINESE, "zh"), (TURKISH, "tr"), (PAGE, "en"), ("Osh", "und"), ("1 2 3", "und")],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_neighbours_of_the_four_languages_are_not_mistaken_for_them() -> None:
    assert detect_language("Der Zug von Xi’an nach Duisburg ist mit vierzig Containern beladen und fährt.") == "de"
    assert detect_language("Қазақстан мен Қытай арасындағы теміржол құрылысы биыл басталады") == "kk"
    assert detect_language("列車は西安を出発し、ホルゴスに到着した。カザフスタンへ向かう。") == "ja"


# references


def test_a_sidecar_wins_over_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Found title of the text\n\nMay 23, 2023\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("title: Given\ndate: 2023-05-24\nurl: https://example.org/\n", encoding="utf-8")
    beside = sidecar_of(tmp_path / "a.txt")
    assert beside is not None
    found = find_reference(parse((tmp_path / "a.txt").read_bytes(), ".txt"), "a.txt")
    assert edtf_of(found) == "2023-05-23"
    reference = merged(found, read_sidecar(beside))
    assert reference["title"] == "Given"
    assert edtf_of(reference) == "2023-05-24"
    assert "custom" not in reference
    (tmp_path / "a.txt.json").write_text(json.dumps([{"id": "x", "title": "Nearer"}]), encoding="utf-8")
    nearer = sidecar_of(tmp_path / "a.txt")
    assert nearer is not None
    assert read_sidecar(nearer)["title"] == "Nearer"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.json", "{", "not valid JSON"),
        ("a.json", "[1, 2]", "one CSL-JSON item"),
        ("a.json", '{"title": ["x"]}', "title must be text"),
        ("a.json", '{"author": "Ann"}', "author must be a list"),
        ("a.json", '{"author": [{"literal": {}}]}', "author"),
        ("a.json", '{"issued": {"date-parts": [["May"]]}}', "date-parts"),
        ("a.json", "[" * 100_000, "not valid JSON"),
        ("a.yaml", "title: [", "not valid YAML"),
        ("a.yaml", "tilte: x", "tilte"),
        ("a.yaml", "date: yesterday", "EDTF"),
        ("a.yaml", "!!python/object/apply:os.system [ls]", "valid|object|dict"),
    ],
)
def test_a_wrong_sidecar_is_told(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ArticleError, match=why):
        read_sidecar(tmp_path / name)


@pytest.mark.parametrize("edtf", ["2023", "2023-05", "2023-05-18", "2023-05-18/2023-05-19", "2023~"])
def test_dates_survive_csl(edtf: str) -> None:
    assert edtf_of({"issued": issued(edtf)}) == edtf


def test_the_five_articles_keep_their_hash_when_decoded(root: Path) -> None:
    folder = root.parent / "shared" / "articles"
    if not folder.is_dir():
        pytest.skip("the texts of the five cited articles are not here")
    for file in folder.iterdir():
        assert parse(file.read_bytes(), ".txt").text.encode() == file.read_bytes()
