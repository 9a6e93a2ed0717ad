"""Diagnoses and conditions, for the profiles that mask them: by code, by title, by common name.

Titles are ICD-10-CM's, cut to the names that people write; a word that ends as diseases do
(-itis, -emia) counts with the words before it that stand before such heads in ICD-10-CM.
"""

import re
from collections.abc import Iterator

from streams.masking.lexicon import CLINICAL, EPONYM, MONTH, NEVER, WORD, Lexicon, fold
from streams.masking.lists import each
from streams.masking.results import Span

_WORD = re.compile(r"[^\W\d_][\w]*(?:['\-+][\w]+)*'?|\d+\+?")
_CODE = re.compile(r"(?<![A-Za-z0-9.])[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}(?![A-Za-z0-9.]|\.\d)")
_CODE_CUE = re.compile(
    r"\b(?:icd|dx|diagnos[ie]s|code[ds]?)\b[^.;\n]{0,24}?(?<![A-Za-z0-9.])(?P<v>[A-TV-Z]\d[0-9A-Z]{1,5})(?![A-Za-z0-9]|\.\d)",
    re.IGNORECASE,
)
_CODE_SAID = re.compile(r"(?<![A-Za-z0-9.])[A-TV-Z]\d[0-9A-Z]{1,5}(?=\s?\((?:ICD|icd))")
_SUFFIX = re.compile(
    r"[a-z]{2,}(?:itis|osis|emia|aemia|noma|oma|pathy|plegia|paresis|iasis|penia|megaly|sclerosis|stenosis|trophy|rrhagia|ectasis|dynia|algia)s?"
)
_NO_DISEASE = each(
    """diagnosis prognosis anastomosis mitosis meiosis apoptosis osmosis homeostasis hemostasis
    stoma aroma diploma stroma coma soma oma roma paloma tacoma oklahoma sonoma genoma
    phagocytosis narcosis symbiosis psychotherapy osteopathy homeopathy naturopathy sympathy
    empathy telepathy trachoma metamorphosis stasis biopsy dose hypnosis gnosis"""
)
_BARE = each(
    """carrier instability sequelae boil
    potassium sodium albright amelia bernard climatic deflection deletions denticles dermato
    candidid distomolar drug-induced dysfunctional embedded enlarged enterococcus erosive
    exfoliation fissured greyness hospitalism hyperimmunoglobulin inability individual
    investigation irregular kinking lobulated loose malleus marijuana monosomies morbid
    murine postcoital postinfective pseudomonas reovirus proteus robertsonian scrub sedative
    septal sixth squashed stone streptococcus tokelau trauma undescended uterus variations
    wrist worms achromic acholuric atonic atrioventricular bulky cloaca confluent
    discontinuity disturbances duplications endomyocardial exophthalmic extrapyramidal
    immunosuppressed leptospiral multinodular paramolar pernicious poxvirus retropharyngeal
    rectovaginal rectovesical meibomian imerslund bouveret bouba ecstasy congestion disease
    diseases syndrome syndromes disorder disorders infection infections failure
    insufficiency deficiency deficiencies injury injuries fever shock obstruction deformity
    edema strain tear burn rupture fracture ulcer cyst polyp abuse dependence deposits
    attacks conditions condition complication complications absence absent defects deletion
    reaction drug female feeding male fourth cheek brain callus ganglion caffeine corns
    excessive foot combat arrest hemorrhage poisoning prolapse hernia growth lesion pain
    mass abnormal abnormality findings delivery labor labour other anxiety depression stress
    delusions fits bites sting scar atrophy fibrosis calcification adhesions heart heat cold
    light motion sunlight noise"""
)
_KEEP_BARE = frozenset(["anxiety", "depression", "stroke"])
_LINKS = each(
    """of in with without due to and the type stage grade class left right by secondary"""
)
_JOINS = frozenset(["of", "due", "to", "with", "without", "in"])
_SIDES = each("""right left upper lower both bilateral first second third no loss small large""")
_NO_PLACE = each(
    """last this that his her my our their your two three four some any more many several addition
    case"""
)
_BEFORE = re.compile(
    r"(?:\b(?:type|stage|grade|class)[ -](?:[1-5][ab]?|i{1,3}v?|iv|v)[ -])\Z", re.IGNORECASE
)
_DEGREES = each(
    """poorly controlled uncontrolled invasive ductal lobular metastatic end-stage early-onset
    late-onset community-acquired hospital-acquired ventilator-associated treatment-resistant
    drug-resistant drug-induced alcohol-induced steroid-induced insulin-dependent non-insulin-
    dependent castration-resistant triple-negative small-cell non-small-cell non-small
    relapsing-remitting new-onset adult-onset juvenile-onset left-sided right-sided low-grade
    high-grade stage-iv advanced terminal refractory relapsed progressive decompensated
    compensated biopsy-proven insulin-requiring diet-controlled well-controlled ischemic
    nonischemic hemorrhagic septic congestive restrictive obstructive systolic diastolic"""
)
_NO_MODIFIERS = each(
    """cause causes caused use uses need needs low high other any some new first history patient
    this that his her their"""
)
_STAGE = re.compile(
    r"[ -](?:type|stage|grade|class|nyha class)[ -](?:[1-5][ab]?|i{1,3}v?|iv|v)\b", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?<=epatitis)\s[A-E]\b|(?<=emophilia)\s[ABC]\b|(?<=nfluenza)\s[AB]\b"
    r"|\s\((?:disorder|finding|situation|morphologic abnormality)\)"
)
_PHRASE_MAX = 8
_NAME_MIN = 5  # shorter ones are abbreviations, and count in capitals
_LEFT_MAX = 4


class Conditions:
    """Matches phrases, heads and codes; holds no text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        said = set(lexicon.words_of("conditions")) | lexicon.sections["condition_phrases"]
        self._modifiers = frozenset(lexicon.words_of("modifiers")) - _LINKS - _NO_MODIFIERS
        self._modifiers |= _DEGREES
        self._common = lexicon.sections["common_conditions"]
        self._phrases: dict[str, set[tuple[str, ...]]] = {}
        self._words: set[str] = set()
        for phrase in said:
            words = tuple(_WORD.findall(phrase))
            while words and words[-1] in _LINKS:
                words = words[:-1]
            if words and not (len(words) == 1 and words[0] in _BARE):
                self._phrases.setdefault(words[0], set()).add(words)
                self._words.update(words)
        self._words -= _LINKS
        self._heads = each(
            """disease syndrome disorder infection cancer carcinoma neoplasm tumor tumour failure
            insufficiency fracture hemorrhage infarction fibrillation deficiency
            dystrophy palsy diabetes hernia ulcer abscess polyp cyst embolism
            thrombosis aneurysm edema dementia epilepsy neuralgia malformation abuse
            dependence addiction sprain laceration injury overdose obesity pregnancy
            hyperplasia dysplasia fibrosis cirrhosis prolapse rupture tear diseases
            disorders infections fractures injuries lymphoma leukemia hypertension
            hypotension pneumonia asthma depression anxiety psychosis"""
        )

    def find(self, text: str) -> Iterator[Span]:
        """Yield the conditions that a text names."""
        for match in _CODE.finditer(text):
            yield Span(*match.span(), "CONDITION", 0.9, "icd10")
        for match in _CODE_SAID.finditer(text):
            yield Span(*match.span(), "CONDITION", 0.9, "icd10")
        for match in _CODE_CUE.finditer(text):
            yield Span(*match.span("v"), "CONDITION", 0.9, "icd10")
        words = [
            (fold(match.group()), match.start(), match.end(), match.group())
            for match in _WORD.finditer(text)
        ]
        i = 0
        while i < len(words):
            size = self._phrase_at(words, i) or self._head_at(words, i)
            if not size:
                i += 1
                continue
            first = self._leftmost(text, words, i)
            last = self._rightmost(text, words, i + size - 1)
            end = words[last][2]
            for more in (_STAGE, _TAIL):
                tail = more.match(text, end)
                end = tail.end() if tail else end
            before = _BEFORE.search(text, max(0, words[first][1] - 12), words[first][1])
            yield Span(
                before.start() if before else words[first][1], end, "CONDITION", 0.9, "condition"
            )
            i = last + 1

    def _phrase_at(self, words: list[tuple[str, int, int, str]], i: int) -> int:
        low, _, _, said = words[i]
        best = 0
        for phrase in self._phrases.get(low, ()):
            size = len(phrase)
            if (
                best < size <= _PHRASE_MAX
                and tuple(word[0] for word in words[i : i + size]) == phrase
            ):
                best = size
        if best:
            return best
        if low in self._common and (
            len(low) >= _NAME_MIN
            or said.isupper()
            or low in {"htn", "copd", "chf", "t2dm", "gerd", "gout", "afib"}
        ):
            return 1
        return 0

    def _head_at(self, words: list[tuple[str, int, int, str]], i: int) -> int:
        low = words[i][0]
        if low in _NO_DISEASE or low.removesuffix("s") in _NO_DISEASE:
            return 0
        if _SUFFIX.fullmatch(low) and len(low) > 5:  # noqa: PLR2004 - a length
            return 1
        headed = low in self._heads and i > 0 and words[i - 1][0] in self._modifiers
        return 1 if headed else 0

    def _leftmost(self, text: str, words: list[tuple[str, int, int, str]], i: int) -> int:
        first = i
        while first and words[first - 1][3][0].isupper() and self._eponym(text, words, first):
            first -= 1
        while first > max(0, i - _LEFT_MAX) and words[first - 1][0] in self._modifiers:
            gap = text[words[first - 1][2] : words[first][1]]
            if gap not in {" ", "-"}:
                break
            first -= 1
        return first

    def _eponym(self, text: str, words: list[tuple[str, int, int, str]], first: int) -> bool:
        """Tell whether the word before is a discoverer's name: `Hashimoto thyroiditis`."""
        low, _, end, _ = words[first - 1]
        near = text[end : words[first][1]] in {" ", "-"}
        return near and bool(self._lexicon.flags(low.removesuffix("'s")) & EPONYM)

    def _rightmost(self, text: str, words: list[tuple[str, int, int, str]], i: int) -> int:
        """Grow over `of the forearm`, `due to type 2 diabetes`: words of ICD-10-CM's names."""
        last = i
        j = i + 1
        linked = False
        while j < min(len(words), i + 8) and text[words[j - 1][2] : words[j][1]] in {" ", "-"}:
            low = words[j][0]
            if low in _LINKS:
                linked = linked or low in _JOINS
            elif low.isdigit():
                break
            elif linked and low not in _SIDES:
                known = low in self._words or low in self._modifiers or _SUFFIX.fullmatch(low)
                place = self._lexicon.flags(low) & (WORD | CLINICAL) and not self._lexicon.flags(
                    low
                ) & (NEVER | MONTH)
                if not (known or (place and last < j - 1 and low not in _NO_PLACE)):
                    break
                last = j
            elif not linked:
                break
            j += 1
        return last
