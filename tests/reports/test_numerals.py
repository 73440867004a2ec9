import re

import pytest

from signnet.reports.markup import bilingual, percent, table
from signnet.reports.numerals import both_numerals

BN = 'class="bn" lang="bn"'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<dd>90.3\u00a0%</dd>", ("90.3\u00a0%", "৯০.৩\u00a0%")),
        ('<td class="number">1,204</td>', ("1,204", "১,২০৪")),
        ("<p> (20 / 34)</p>", (" (20 / 34)", " (২০ / ৩৪)")),
    ],
)
def test_a_text_of_numbers_alone_is_written_for_either_language(
    html: str, expected: tuple[str, str]
) -> None:
    english, bangla = expected
    both = f'<span class="en">{english}</span><span {BN}>{bangla}</span>'
    assert re.sub(r"^<[^>]*>|</\w+>$", "", both_numerals(html)) == both


def test_an_axis_of_a_chart_is_written_with_elements_that_a_chart_may_have() -> None:
    assert "<tspan" in both_numerals('<text x="3">50</text>')
    assert "<span" not in both_numerals('<text x="3">50</text>')


def test_numbers_in_bangla_sentences_are_bangla_and_in_english_ones_are_not() -> None:
    page = both_numerals(bilingual("All {number} glosses", number=12))
    assert "All 12 glosses<" in page
    assert "১২টি" in page


@pytest.mark.parametrize(
    "html",
    [
        "<td>7</td>",
        '<th scope="row">7</th>',
        '<span class="name">7</span>',
        '<dl class="facts"><dt>Seed</dt><dd>7</dd></dl>',
        "<p><kbd>7</kbd></p>",
        "<style>@font-face { a: 7 }</style>",
        "<p>S01 of 3</p>",
        f"<span {BN}>S01, F1, rep-02, &#1234;</span>",
    ],
)
def test_names_and_facts_keep_their_digits(html: str) -> None:
    assert both_numerals(html) == html


def test_a_table_of_glosses_and_figures_is_told_apart() -> None:
    rows = [f'<tr><td>7</td><td class="number">{percent(0.5)}</td></tr>']
    page = both_numerals(table("Top", ("Gloss", "#Top-1"), rows))
    assert "<td>7</td>" in page
    assert "৫০.০\u00a0%" in page
