"""Every text on a screen has an English form, and every English form a text."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir

import giatja_gateway
from giatja_gateway.pages import GROUPS, HERE, language

ROOT = Path(giatja_gateway.__file__).parent
FILES = [HERE / "en.po", *(HERE / group / "en.po" for group in GROUPS)]
METHODS = [("**/templates/**.html", "jinja2"), ("templates/**.html", "jinja2"), ("**.py", "python")]


def texts() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    options = {pattern: {"newstyle_gettext": "true", "silent": "false"} for pattern, _ in METHODS}
    found = extract_from_dir(str(ROOT), METHODS, options, keywords=language.KEYWORDS)
    for file, _line, text, _comments, context in found:
        yield file, text, context


class TestTranslations:
    def test_every_text_has_an_english_form(self) -> None:
        catalogue = language.merged(FILES)
        missing = []
        for file, text, context in texts():
            known = catalogue.get(text, context)
            forms = known.string if known else ""
            if not forms or (isinstance(forms, tuple) and not all(forms)):
                missing.append(f"{file}: {text!r}")
        assert not missing, "no English in en.po for:\n" + "\n".join(sorted(set(missing)))

    def test_every_english_form_is_used(self) -> None:
        used = {(text if isinstance(text, str) else text[0], context) for _, text, context in texts()}
        catalogue = language.merged(FILES)
        unused = [
            message.id
            for message in catalogue
            if message.id
            and ((message.id if isinstance(message.id, str) else message.id[0]), message.context) not in used
        ]
        assert not unused, f"nothing says these any more: {unused}"

    def test_every_screen_group_on_disk_is_listed(self) -> None:
        on_disk = {path.parent.name for path in HERE.glob("*/pages.py")}
        assert on_disk == set(GROUPS)

    def test_placeholders_survive_translation(self) -> None:
        broken = [message.id for message in language.merged(FILES) if message.id and not _same_places(message)]
        assert not broken


def _same_places(message: Message) -> bool:
    places = re.compile(r"%\((\w+)\)s")
    ids = message.id if isinstance(message.id, tuple) else (str(message.id),)
    forms = message.string if isinstance(message.string, tuple) else (str(message.string),)
    wanted = set(places.findall(ids[-1]))
    return all(set(places.findall(form)) <= wanted for form in forms) and set(places.findall(forms[-1])) == wanted
