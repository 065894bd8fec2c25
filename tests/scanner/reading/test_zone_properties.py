"""What holds of zones whatever is written: new text reads back as it was, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.reading.zones.hypertext import text_of
from scanner.reading.zones.zones import divide

_WORDS = (
    "the gate was locked on from to sent wrote subject forwarded message original date regards thanks council will pay bin copy please never street "
    "number twelve again officer we they you are confidential reply below quote name best sincerely below".split()
)
_sentence = st.builds(lambda words: " ".join(words).capitalize() + ".", st.lists(st.sampled_from(_WORDS), min_size=4, max_size=14))
_letter = st.lists(st.lists(_sentence, min_size=1, max_size=3).map("\n".join), min_size=1, max_size=4).map("\n\n".join)

_BLOCK = "From: Ann Bell <ann@council.example>\nSent: 03 May 2026 10:12\nTo: Bob Carr <bob@council.example>\nSubject: Bins\n\n"


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _paragraphs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.split("\n"))


TOP: dict[str, Callable[[str, str], str]] = {
    "outlook": lambda new, old: f"{new}\n\n{_BLOCK}{old}",
    "outlook, no empty line": lambda new, old: f"{new}\n{_BLOCK}{old}",
    "outlook, ruled": lambda new, old: f"{new}\n\n________________________________\n{_BLOCK}{old}",
    "original message": lambda new, old: f"{new}\n\n-----Original Message-----\n{_BLOCK}{old}",
    "gmail": lambda new, old: f"{new}\n\nOn Tue, 5 May 2026 at 10:12, Ann Bell <ann@council.example> wrote:\n\n{_marked(old)}",
    "gmail, wrapped": lambda new, old: f"{new}\n\nOn Tue, 5 May 2026 at 10:12, Ann Bell\n<ann@council.example> wrote:\n\n{_marked(old)}",
    "gmail, unmarked": lambda new, old: f"{new}\n\nOn Tue, 5 May 2026 at 10:12, Ann Bell <ann@council.example> wrote:\n\n{old}",
    "gmail forward": lambda new, old: (
        f"{new}\n\n---------- Forwarded message ---------\nFrom: Ann Bell <ann@council.example>\nDate: Tue, 5 May 2026 at 10:12\nSubject: Bins\n\n{old}"
    ),
    "apple": lambda new, old: f"{new}\n\n{_marked('On 5 May 2026, at 10:12, Ann Bell <ann@council.example> wrote:' + chr(10) * 2 + old)}",
    "apple forward": lambda new, old: f"{new}\n\nBegin forwarded message:\n\n{_marked(_BLOCK + old)}",
    "german": lambda new, old: (
        f"{new}\n\nVon: Ann Bell <ann@stadt.example>\nGesendet: Montag, 4. Mai 2026 10:12\nAn: Bob Carr\nBetreff: Tonnen\n\n{old}"
    ),
    "welsh": lambda new, old: f"{new}\n\nOddi wrth: Ann Bell\nAnfonwyd: 03 Mai 2026 10:12\nAt: Bob Carr\nPwnc: Biniau\n\n{old}",
    "groupwise": lambda new, old: f"{new}\n\n>>> Ann Bell <ann@council.example> 03/05/2026 10:12 >>>\n{old}",
    "bottom": lambda new, old: f"On 05/05/2026 10:12, Ann Bell wrote:\n{_marked(old)}\n\n{new}",
    "html, gmail": lambda new, old: text_of(
        f"{_paragraphs(new)}<div class=gmail_quote><div class=gmail_attr>On Tue, 5 May 2026 at 10:12, Ann &lt;ann@council.example&gt; wrote:</div>"
        f"<blockquote class=gmail_quote>{_paragraphs(old)}</blockquote></div>"
    ),
    "html, outlook": lambda new, old: text_of(
        f"{_paragraphs(new)}<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Ann Bell<br><b>Sent:</b> 03 May 2026 10:12<br>"
        f"<b>To:</b> Bob Carr<br><b>Subject:</b> Bins</p></div>{_paragraphs(old)}"
    ),
}


def _loose(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("style", TOP)
@given(new=_letter, old=_letter)
@settings(max_examples=40, deadline=None)
def test_new_text_reads_back(style: str, new: str, old: str) -> None:
    assert _loose(divide(TOP[style](new, old), False)[0].new) == _loose(new)


@given(questions=st.lists(_letter, min_size=2, max_size=4), answers=st.lists(_letter, min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_answers_between_marked_lines_read_back(questions: list[str], answers: list[str]) -> None:
    pairs = list(zip(questions, answers, strict=False))
    text = "On 05/05/2026 10:12, Ann Bell wrote:\n" + "\n".join(f"{_marked(q)}\n\n{a}\n" for q, a in pairs)
    assert _loose(divide(text, False)[0].new) == _loose("\n".join(a for _, a in pairs))


_ODD = (
    "From: Ann Bell <ann@council.example>|Sent: 03 May 2026 10:12|To: Bob|Subject: Bins|> quoted|>> deeper|-----Original Message-----|Regards|Bob Carr|--|"
    "________________________________|On 5 May 2026, at 10:12, Ann wrote:|wrote:|BT> marked|BT> again|| bar|##- Please type your reply above this line -##|***********|"
    "This email is confidential and intended solely for the addressee.|Sent from my iPhone|----- End forwarded message -----|Begin forwarded message:|PS more|"
    ">>> Ann 03/05/2026 10:12 >>>|answers in red below|[AB] yes|-----BEGIN PGP SIGNATURE-----|-----END PGP SIGNATURE-----|Cllr Ann Bell|>From here|=====|1. one"
).split("|")
_line = st.one_of(
    st.sampled_from(_ODD), st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60), _sentence, st.just("")
)


@given(rows=st.lists(_line, max_size=25), forward=st.booleans(), reply=st.booleans())
@settings(max_examples=400, deadline=None)
@example(rows=["Hi", "=" * 12, "This email is confidential and intended solely for the addressee.", "=" * 12], forward=False, reply=True)
def test_nothing_that_can_be_seen_is_lost(rows: list[str], forward: bool, reply: bool) -> None:
    text = "\n".join(rows)
    body, _ = divide(text, forward, reply)
    whole = body.new + body.history + body.forwarded + body.signature + body.disclaimer
    assert _seen(whole) == _seen(text)


def _seen(text: str) -> Counter[str]:
    """What is neither a space nor a mark."""
    return Counter(c for c in text if not c.isspace() and c != ">")
