"""A text that the layout may cut can be read in full: whatever is `cut` has a title."""

import re
from pathlib import Path

import ui

ROOT = Path(ui.__file__).parent
# One opening tag of a template, with the quotes of its attributes balanced.
TAG = re.compile(r"<[a-z][a-z0-9-]*(?:\"[^\"]*\"|'[^']*'|[^'\">])*>")
CUT = re.compile(r"(?:class=\"(?:[^\"]* )?cut[ \"]|\['cut')")
CALL = re.compile(r"tag\((?:[^()]|\([^()]*\))*\bcut\b(?:[^()]|\([^()]*\))*\)")


def cut_tags() -> list[tuple[str, str]]:
    found = []
    for path in [*ROOT.rglob("*.js"), *ROOT.rglob("*.html"), *ROOT.rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        tags = CALL.findall(text) if path.suffix == ".py" else TAG.findall(text)
        found += [(path.name, each) for each in tags if path.suffix == ".py" or CUT.search(each)]
    return found


def test_every_text_that_may_be_cut_has_its_whole_in_a_title() -> None:
    tags = cut_tags()
    assert len(tags) > 15
    assert [(name, each) for name, each in tags if "title" not in each] == []
