"""YAML without its surprises, and the line of each thing in it.

Each scalar is text, so `no`, `1e3` and `2021-01-01` stay what was written. A name that stands twice
in one map is an error (YAML 1.2.2 section 3.2.1.3), and so is an alias: a small file must not grow.
"""

from typing import Any, Final

import yaml

from streams.errors import SettingsError

_CHARS_MAX: Final = 4 * 1024 * 1024  # ten thousand people, with room
Loc = tuple[int | str, ...]


class _Loader(yaml.BaseLoader):
    """PyYAML's loader that makes text of everything, with the two refusals."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="aliases are not allowed here", problem_mark=self.get_mark()
            )
        node: yaml.Node | None = super().compose_node(parent, index)
        if isinstance(node, yaml.MappingNode):
            _check_names(node)
        return node


def _check_names(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for name, _ in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a name is text", problem_mark=name.start_mark)
        if name.value in seen:
            raise yaml.MarkedYAMLError(
                problem=f"`{name.value}` stands here a second time", problem_mark=name.start_mark
            )
        seen.add(name.value)


def read_yaml(text: str, file: str) -> tuple[Any, yaml.Node | None]:
    """Return what the text holds, and its tree of nodes; SettingsError names file and line."""
    if len(text) > _CHARS_MAX:
        raise SettingsError(f"{file} has more than {_CHARS_MAX} characters")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return (None if node is None else loader.construct_document(node)), node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise SettingsError(f"{file}{line}: {error.problem or 'this is no YAML'}") from None
    except (yaml.YAMLError, RecursionError):
        raise SettingsError(f"{file}: this is no YAML text") from None


def line_of(node: yaml.Node | None, loc: Loc) -> int:
    """Return the line, from 1, of the deepest part of `loc` that the tree has."""
    line = 1
    for part in loc:
        found = _child(node, part)
        if found is None:
            break
        at, node = found
        line = at.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return where a part of a map or list begins, and its value."""
    if isinstance(node, yaml.MappingNode):
        return next(((name, value) for name, value in node.value if name.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None
