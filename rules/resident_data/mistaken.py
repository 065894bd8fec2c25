"""What a finder of names takes for people: places ("Smithy Yard", "at Bridge End"), and words of every sentence ("band A. We")."""

from __future__ import annotations

import re
from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALWAYS = _words(
    "street road close avenue terrace crescent mews estate cottages villas wharf quay parade yard end row gardens drive walk way "
    "house houses farm farmhouse lodge cottage academy school primary college surgery centre infirmary hospital junction roundabout "
    "estates flats apartments bungalows buildings heights precinct embankment bypass allotments cemetery library bin bins van vans minibus"
)
_AFTER_PREPOSITION = _words(
    "hill wood woods green park court lane square bridge field fields mill hall grove rise gate bank banks fold garth brow croft holt chase "
    "copse heath common meadow meadows beck fell dale view place church cross well wells moor marsh ford brook side top bottom "
    "gates lea leys pound spring springs barn barns forge grange manor priory abbey castle tower towers point"
)
_COMMON = _words(
    "i you he she it we they me him us them my your his her its our their mine yours hers ours theirs this that these those who whom whose which "
    "what when where why how the a an and or but if so as than then there here not no yes yeah okay ok oh well please thanks "
    "thank dear sorry hello hi "
    "is are was were be been am has have had do does did can could shall should would must might i'm i'll i've i'd we're we'll we've you're you'll "
    "he's she's it's that's there's they're let let's to of in on at by for with from about into after before until since also just only again "
    "mon tue tues wed thu thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
    "september october november december jan feb apr jun jul aug sept sep oct nov dec today tomorrow yesterday tonight "
    "annwyl helo diolch cofion teulu regards cheers sent subject date cc bcc fw fwd re attached enclosed page appendix item band flat unit room"
)
_WELSH_STREETS = _words("heol stryd ffordd lôn rhes clos cwrt")  # they open a street's name: "Heol Fawr"
_ALSO_PLACES = _words("library street road close lane estate estates flats apartments allotments cemetery roundabout junction bypass bridge")
_NOBODY = _words("dem dems con lab tory tories bar cafe café club inn pub arms tavern takeaway shop stores")
_MAY_BE_NAMED = _words("may will april june august jan sat dee an")
_NEXT = re.compile(r" ([^\W\d_]+)")
_PREPOSITION = re.compile(r"\b(?:at|in|on|off|near|along|down|up|round|behind|opposite|across)\s+$", re.IGNORECASE)


def is_mistaken(words: Sequence[str], before: str, after: str, shown: str) -> bool:
    """Whether a name, its words in lower case, is no person's: it ends in a word of every sentence or in a place's, opens as a
    Welsh street does, or a bracket stands in it.

    A place's word that is a surname too needs a preposition before the name, or the kind of place after it ("Tenter Fold library"). `shown` is
    the name as it stands in the text.
    """
    last = words[-1].removesuffix("'s")
    if last in _COMMON and last not in _MAY_BE_NAMED:
        return True
    if len(words) < 2:
        return False
    placed = last in _AFTER_PREPOSITION and (_PREPOSITION.search(before) or _next_word(after) in _ALSO_PLACES)
    return last in _ALWAYS or last in _NOBODY or words[0] in _WELSH_STREETS or bool(placed) or "(" in shown


def _next_word(after: str) -> str:
    """The word right behind a name, in lower case; empty where anything but a space parts them."""
    found = _NEXT.match(after)
    return found[1].lower() if found else ""
