"""Puts the browser modules into one script: pages ask for one file, and the browser keeps it for all.

Each module becomes a function that runs when a page or another module first needs it, once. Which modules a
page runs stand in its head (`<meta name="module">`, template tag `module`). Understands the few forms of
import and export that our modules are held to (`eslint.config.js`) and refuses every other; never changes
what a module does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

IMPORT = re.compile(
    r'^import (?:\{ *(?P<names>[^}]*?),? *\} from )?"(?P<source>\.{1,2}/[^"]+)";$', re.MULTILINE
)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+)\b)", re.MULTILINE)
LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
BEFORE = "const made = new Map();\nconst parts = {\n"
AFTER = """};
const need = (name) => {
  if (!made.has(name)) made.set(name, parts[name](need));
  return made.get(name);
};
for (const { content } of document.querySelectorAll('meta[name="module"]')) {
  // As with scripts of their own: one that fails does not keep the next from running.
  try { need(content); } catch (error) { reportError(error); }
}
"""


class NotBundled(ValueError):
    """A module has a form that is not understood, or needs one that is not there."""


def bundle(modules: Mapping[str, str], before: str = "") -> str:
    """All modules as one ES module that runs those which the page names.

    Args:
        modules: Text by name (`series/grid.js`), all that any of them imports among them.
        before: A classic script that runs first.

    Raises:
        NotBundled: a form of import or export that is not understood, a missing module, or a circle.
    """
    needs: dict[str, list[str]] = {}
    parts = [_part(name, text, needs.setdefault(name, [])) for name, text in sorted(modules.items())]
    for name in needs:
        _refuse_circles(name, needs, ())
    # A classic script finds the window in `this`; in a module that is undefined.
    first = f"(function () {{\n{before}\n}}).call(window);\n" if before else ""
    return "".join([first, BEFORE, *parts, AFTER])


def _part(name: str, text: str, needs: list[str]) -> str:
    def imported(found: re.Match[str]) -> str:
        source = posixpath.normpath(posixpath.join(posixpath.dirname(name), found["source"]))
        needs.append(source)
        names = (found["names"] or "").replace(" as ", ": ")
        return f'const {{ {names} }} = need("{source}");' if names else f'need("{source}");'

    exported = [found["name"] for found in EXPORT.finditer(text)]
    body = EXPORT.sub("", IMPORT.sub(imported, text))
    if left := LEFT_OVER.search(body):
        raise NotBundled(f"{name}: {left[0]!r} is a form that is not understood")
    return f'"{name}": (need) => {{\n{body}\nreturn {{ {", ".join(exported)} }};\n}},\n'


def _refuse_circles(name: str, needs: Mapping[str, list[str]], above: tuple[str, ...]) -> None:
    if name not in needs:
        raise NotBundled(f"{above[-1]}: there is no {name}")
    if name in above:
        raise NotBundled(f"{name} needs itself, by way of {', '.join(above)}")
    for other in needs[name]:
        _refuse_circles(other, needs, (*above, name))
