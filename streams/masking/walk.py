"""One pass over a JSON value: its leaves in order, and the same shape built again from new leaves.

Each leaf has the names around it: keys, and what `labels` says of siblings, columns and statements.

Depth and number of leaves are bounded; what lies beyond is one leaf that must be withheld. The
walk never goes deeper than the bound, so a document nested ten thousand levels deep is no danger.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from streams.masking.config import Limits
from streams.masking.formats import dicom
from streams.masking.labels import told
from streams.masking.labels.keys import kind_of_key
from streams.masking.labels.told import ToldColumns
from streams.masking.results import JsonValue
from streams.masking.vocabulary.lexicon import Lexicon

KEY = "key"
VALUE = "value"
BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar, a key, or a part beyond the limits; `names` are the fields around it."""

    role: str
    value: Any
    names: tuple[str, ...]
    resource: str = ""
    extension: str = ""
    label: str = ""  # the kind of a key that is a value


_TOP = Leaf(VALUE, None, ())

# A shape is a leaf's index, a list of shapes, or the pairs (index of the key, shape) of an object.
Shape = int | list["Shape"] | tuple[tuple[int, "Shape"], ...]


@dataclass(slots=True)
class LeafWalk:
    """The leaves of one document and the shape they stand in."""

    limits: Limits
    lexicon: Lexicon
    leaves: list[Leaf] = field(default_factory=list)

    def shape(
        self, value: JsonValue, around: Leaf = _TOP, depth: int = 0, said: ToldColumns | None = None
    ) -> Shape:
        """Collect the leaves of a value and return its shape.

        `around` is where it stands; `said` is what its surroundings tell of its members.
        """
        full = len(self.leaves) >= self.limits.leaves_max
        if not isinstance(value, dict | list) or not value:
            return self._leaf(BEYOND if full else VALUE, value, around)
        if full or depth >= self.limits.depth_max:
            return self._leaf(BEYOND, None, around)
        if isinstance(value, list):
            return self._list(value, around, depth, said)
        return self._object(value, _inside(value, around), depth, said)

    def _list(self, value: list[Any], around: Leaf, depth: int, said: ToldColumns | None) -> Shape:
        own = said or told.of_list(value, self.lexicon)
        return [
            self.shape(inner, _named(around, own.behind(i, inner)), depth + 1, own.member(i, inner))
            for i, inner in enumerate(value)
        ]

    def _object(
        self, value: dict[str, Any], around: Leaf, depth: int, said: ToldColumns | None
    ) -> Shape:
        own = told.of_object(value, self.lexicon)
        pairs = []
        for name, inner in value.items():
            key = str(name)
            index = self._leaf(KEY, key, around)
            kind = kind_of_key(key, around.names, inner, value, self.lexicon)
            if kind:
                self.leaves[index] = replace(self.leaves[index], label=kind)
            before = own.before(key)
            behind = (said and said.behind(key, inner)) or own.behind(key, inner)
            place = _named(_named(_named(around, before), key), behind)
            told_inner = (said and said.member(key, inner)) or own.member(key, inner)
            pairs.append((index, self.shape(inner, place, depth + 1, told_inner)))
        return tuple(pairs)

    def _leaf(self, role: str, value: Any, around: Leaf) -> int:
        self.leaves.append(Leaf(role, value, around.names, around.resource, around.extension))
        return len(self.leaves) - 1


def _named(around: Leaf, name: str) -> Leaf:
    """Return the same place with one more name on its stack."""
    return replace(around, names=(*around.names, name)) if name else around


def _inside(value: dict[str, Any], around: Leaf) -> Leaf:
    """Note the FHIR resource or extension that an object is, and DICOM's elements."""
    if dicom.dataset(value):
        return replace(around, resource=dicom.RESOURCE, extension="")
    if around.resource == dicom.RESOURCE and isinstance(value.get("vr"), str):
        return replace(around, extension=value["vr"])
    resource, url = value.get("resourceType"), value.get("url")
    if isinstance(resource, str):
        return Leaf(VALUE, None, (), resource)
    if around.resource and isinstance(url, str):
        return Leaf(VALUE, None, around.names, around.resource, url)
    return around


def rebuild(shape: Shape, values: list[Any], paths: list[str], path: str = "$") -> JsonValue:
    """Build a shape with new leaves, and note each leaf's path in `paths`, made of new keys."""
    if isinstance(shape, int):
        paths[shape] = path
        return values[shape]
    if isinstance(shape, list):
        return [rebuild(inner, values, paths, f"{path}[{i}]") for i, inner in enumerate(shape)]
    built: dict[str, Any] = {}
    for index, inner in shape:
        key = _free(values[index], built)
        paths[index] = place = f"{path}.{key}"
        built[key] = rebuild(inner, values, paths, place)
    return built


def _free(key: str, taken: dict[str, Any]) -> str:
    """Return a key that is not taken yet: two keys may mask to the same token."""
    if key not in taken:
        return key
    i = 2
    while f"{key}~{i}" in taken:
        i += 1
    return f"{key}~{i}"
