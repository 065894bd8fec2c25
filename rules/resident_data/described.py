"""People identified without a name: by a house number, by kinship, or by role and place ("the lady at number 14 with the twins")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WHO = (
    "lady|woman|man|chap|bloke|geezer|gentleman|lad|lads|laddie|lass|lasses|lassie|girl|boy|kid|kids|bairn|child|baby|couple|family|widow|widower|"
    "mother|mum|mam|father|dad|stepfather|stepmother|son|daughter|husband|wife|missus|partner|ex|aunt|auntie|uncle|nephew|niece|cousin|gran|granny|"
    "nan|nana|grandad|grandson|granddaughter|sister|sisters|brother|brothers|twins|neighbour|neighbours|tenant|tenants|leaseholder|householder|"
    "pensioner|headmaster|headmistress|teacher|lodger|fella|feller|fellow|guy|bird|biddy|old boy|old girl|old dear|youngster|teenager|youth|toddler|"
    "student|nurse|midwife|driver|owner|occupier|occupant|blonde|redhead|heckler|caller|caretaker|cleaner|lollipop man|lollipop lady|milkman|postman|"
    "postie|barmaid|barman|butcher|baker|hairdresser|barber|childminder|carer|squatter|traveller|busker|one"
)
_NUMBER = r"(?:number\s|no\.?\s?|flat\s|house\s)?(?P<number>\d{1,3}[a-z]?)\b(?!\s?(?:am|pm|%|[:.]\d|o'clock|years|months|weeks|days))"
_MARK = (
    rf"(?:at|in|from|of)\s+{_NUMBER}|next door|over the (?:road|fence)|across the road|opposite|(?:at|on) the (?:end|corner)|"
    r"(?:at|in|from) the (?:old\s)?(?:[\w'’-]+\s)?(?:house|cottage|lodge|farm|bungalow|flat|caravan|police house|vicarage|mill|forge)|"
    r"(?:at|in|on|from|up) (?:[A-Z][\w'’-]+\s){1,2}(?:Street|St|Road|Rd|Close|Court|Lane|Avenue|Ave|Row|Terrace|Drive|Way|Place|Mews|House|Hill|View|"
    r"Crescent|Gardens|Walk)\b|"
    r"with the (?:two |three |four |new |red |blue |white |black |big |little )?[a-z]+s?\b|in the (?:[A-Z]\w+|caravan|tent|wheelchair|van)\b|"
    r"who (?:cleans|works|lives|runs|keeps|let|was|used|drives|walks|teaches|shouted|asked|heckle[sd]|filmed)|"
    r"that (?:cleans|works|lives|runs|drives)|whose\b|"
    r"you had words with|you (?:met|saw|sat next to)|upstairs|downstairs|(?:on|in) (?:the|your) (?:ground floor|top floor|"
    r"first floor|second floor|third floor|"
    r"landing|basement|attic)|(?:above|below|behind|beside) (?:the|you)\b|(?:up|down) the (?:road|street|lane)\b|"
    r"(?:from|above|over|behind|beside|by|near|round the back of) the (?:pub|shop|chip shop|chippy|takeaway|farm|school|church|chapel|mosque|"
    r"post office|launderette|laundrette|garage|bookies|bakery|bakers|butchers|chemist|co-op|site|hostel|hotel|caravan park|allotments?|station)\b"
)
_DEFINITE = re.compile(
    rf"\b(?:the|that|this|them|him|her|our|old|young|"
    rf"elderly)\s+(?:[\w'’-]+\s){{0,3}}?(?P<who>{_WHO})\b(?:\s[\w'’-]+){{0,3}}?[,\s]+(?P<mark>{_MARK})",
    re.IGNORECASE,
)
_POINTED = re.compile(rf"\b(?:him|her|the one|them|those|that lot|the lot)\s+(?P<mark>{_MARK})", re.IGNORECASE)
_KIN = re.compile(
    r"\b(?:your|(?:the\s)?[A-Za-z][\w]+['’]?s)\s+(?:old|former|elder|young|late|own)?\s?(?P<kin>aunt|aunty|auntie|uncle|"
    r"nephew|niece|cousin|ex|ex-wife|ex-husband|"
    r"landlady|headmaster|headmistress|headteacher|cleaner|milkman|lodger|godson|goddaughter|stepson|stepdaughter|brother-in-law|sister-in-law|"
    r"mother-in-law|father-in-law|wife|husband|neighbour|next-door neighbour|next door neighbour)\b",
    re.IGNORECASE,
)
_HOUSEHOLD = re.compile(r"\b(?:your|my|our)\s+(?:\w+\s)?(?:wife|husband)\b", re.IGNORECASE)
_DOOR = re.compile(
    r"(?:^|[;,:.(]\s|\band\s|\bthat\s|\bbut\s)(?:number\s|no\.?\s?|flat\s|flat\sno\.?\s)?(?P<number>\d{1,3}[a-z]?)(?:\s\([^)]{0,40}\))?\s"
    r"(?:is|has|have|are|was|were|gets|owes|claims|hoards|hasn't|isn't|won't|can't|says|keeps|drinks)\b",
    re.IGNORECASE,
)
_LODGED = re.compile(
    r"\b(?:flat|number|no\.?)\s?(?P<number>\d{1,3}[a-z]?)\s(?:is|has|hoards|owes|gets|was|won't|drinks|claims|keeps|isn't|"
    r"hasn't)\b",
    re.IGNORECASE,
)
_ORIGIN = re.compile(
    r"\b(?:the|that)\s(?:\w+\s)?(?P<origin>Polish|Romanian|Kurdish|Turkish|Somali|Syrian|Afghan|Eritrean|Nigerian|Ghanaian|"
    r"Indian|Pakistani|Bangladeshi|Chinese|"
    r"Ukrainian|Russian|Lithuanian|Latvian|Albanian|Iranian|Iraqi|Sudanese|Vietnamese|Portuguese|Brazilian|Bulgarian|Czech|"
    r"Slovak|Roma|Hungarian|Jamaican|"
    rf"Filipino|Filipina)\s(?:{_WHO})\b"
)
_FULLEST = 1.2


@dataclass(frozen=True, slots=True)
class Description:
    """Somebody described: how surely that points at one person (log-odds), and a word by which an earlier text would show the same one."""

    weight: float
    key: str


def described(sentence: str) -> Iterator[Description]:
    """The people whom a sentence identifies without a name, the surest first; the anonymous ("a resident") are none."""
    found = sorted(_found(sentence), key=lambda d: -d.weight)
    if found:
        more = 0.3 if len(found) > 1 else 0.0
        yield Description(min(_FULLEST, found[0].weight + more), found[0].key)


def _found(sentence: str) -> Iterator[Description]:
    for match in (*_DEFINITE.finditer(sentence), *_POINTED.finditer(sentence)):
        yield Description(0.9, (match["number"] or match["mark"].split()[-1]).lower())
    if (kin := _KIN.search(sentence)) and not _HOUSEHOLD.search(sentence):
        yield Description(0.9, kin["kin"].lower())
    for match in _ORIGIN.finditer(sentence):
        yield Description(0.5, match["origin"].lower())
    for match in (*_DOOR.finditer(sentence), *_LODGED.finditer(sentence)):
        yield Description(0.7, match["number"].lower())
