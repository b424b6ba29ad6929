"""Crowds that write: what they meant, and what came out of their keyboards.

A task has a text, a difficulty and a tempting wrong reading. A person has an eye and a hand: with
the logistic chance of eye less difficulty they read what is there, else mostly the tempting
reading, sometimes another text; careless ones often write anything. Then the hand slips, key by
key, and everyone has habits of case, spacing and full stops. Nobody has the engine's one coin, and
its restaurant of wrong answers is not here either.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

WORDS = [
    "house",
    "mouse",
    "horse",
    "moose",
    "goose",
    "bridge",
    "window",
    "garden",
    "kitchen",
    "bottle",
    "candle",
    "basket",
    "blanket",
    "ladder",
    "hammer",
    "button",
    "pocket",
    "jacket",
    "helmet",
    "mirror",
    "pillow",
    "pencil",
    "picture",
    "station",
    "platform",
    "village",
    "market",
    "library",
    "hospital",
    "museum",
    "theatre",
    "orange",
    "banana",
    "cherry",
    "pepper",
    "tomato",
    "potato",
    "carrot",
    "cabbage",
    "lettuce",
    "dolphin",
    "penguin",
    "sparrow",
    "pigeon",
    "rabbit",
    "squirrel",
    "hedgehog",
    "tractor",
    "bicycle",
    "airplane",
    "umbrella",
    "scissors",
    "river",
    "winter",
    "summer",
    "silver",
    "copper",
    "marble",
    "forest",
    "island",
    "harbour",
    "mountain",
    "valley",
    "thunder",
    "morning",
]
SHORT_WORDS = [
    "the",
    "a",
    "of",
    "in",
    "on",
    "at",
    "by",
    "for",
    "and",
    "with",
    "near",
    "from",
    "over",
    "under",
    "behind",
    "old",
    "new",
    "red",
    "big",
]
KOREAN_WORDS = [
    "고양이",
    "강아지",
    "다람쥐",
    "고슴도치",
    "비둘기",
    "까마귀",
    "코끼리",
    "거북이",
    "자전거",
    "비행기",
    "우체국",
    "도서관",
    "박물관",
    "미술관",
    "초등학교",
    "중학교",
    "고등학교",
    "대학교",
    "운동장",
    "주차장",
    "정류장",
    "버스터미널",
    "지하철역",
    "아이스크림",
    "수박바",
    "옥수수",
    "고구마",
    "감자튀김",
    "토마토",
    "바나나",
    "오렌지",
    "복숭아",
    "냉장고",
    "세탁기",
    "청소기",
    "전자레인지",
    "텔레비전",
    "컴퓨터",
    "휴대전화",
    "선풍기",
    "손목시계",
    "해바라기",
    "무궁화",
    "개나리",
    "진달래",
    "할머니",
    "할아버지",
    "아주머니",
]
KOREAN_SHORT = [
    "큰",
    "작은",
    "하얀",
    "까만",
    "오래된",
    "새로운",
    "우리",
    "어느",
    "많은",
    "높은",
    "넓은",
    "맑은",
]
NAMES = [
    "Smith",
    "Smyth",
    "Johnson",
    "Jonson",
    "Johnston",
    "Anderson",
    "Andersen",
    "Thompson",
    "Thomson",
    "Clark",
    "Clarke",
    "Reed",
    "Read",
    "Reid",
    "Stewart",
    "Stuart",
    "Phillips",
    "Philips",
    "Peterson",
    "Petersen",
    "Hansen",
    "Hanson",
    "Larsen",
    "Larson",
    "Meyer",
    "Meier",
    "Mayer",
    "Schmidt",
    "Schmitt",
    "Hoffmann",
    "Hofmann",
    "Fisher",
    "Fischer",
    "Brown",
    "Braun",
    "Allen",
    "Allan",
    "Gray",
    "Grey",
    "Marshall",
    "Marshal",
]
FIRST_NAMES = [
    "Anna",
    "Hanna",
    "Maria",
    "Marie",
    "Karl",
    "Carl",
    "Erik",
    "Eric",
    "Sara",
    "Sarah",
    "Jon",
    "John",
    "Sofia",
    "Sophia",
]
NOISE = ("asdf", "?", "idk", "모름", "...", "no idea", "x", "test")
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KOREAN_KEYS = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ")
LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
SAME_SHAPE = dict(zip("0O1I5S8B2Z6G", "O0I1S5B8Z2G6", strict=True))

Say = Callable[[np.random.Generator], str]


@dataclass(frozen=True)
class Crowd:
    """Columns of answers, each task's text, and what each answer's giver meant to write."""

    tasks: list[str]
    workers: list[str]
    texts: list[str]
    meant: list[str]
    truth: dict[str, str] = field(default_factory=dict)


def kinds() -> dict[str, Crowd]:
    """The crowds by name, each from its own seed."""
    few = {"n_workers": 25, "n_each": 5}
    return {
        "labels": simulate(_word(WORDS), tempt=_word(WORDS), seed=1, **few),
        "labels_ko": simulate(_word(KOREAN_WORDS), tempt=_word(KOREAN_WORDS), seed=2, **few),
        "lines": simulate(_line(WORDS, SHORT_WORDS), tempt=None, seed=3, **few),
        "lines_ko": simulate(_line(KOREAN_WORDS, KOREAN_SHORT), tempt=None, seed=4, **few),
        "names": simulate(_name, tempt=None, seed=5, **few),
        "codes": simulate(_code, tempt=None, seed=6, **few),
        "three_answers": simulate(
            _line(WORDS, SHORT_WORDS), tempt=None, n_workers=25, n_each=3, seed=7
        ),
        "careless": simulate(
            _word(WORDS + KOREAN_WORDS), tempt=_word(WORDS + KOREAN_WORDS), n_workers=25, n_each=7,
            part_careless=0.4, seed=8,
        ),
        "good_hands": simulate(
            _word(WORDS), tempt=_word(WORDS), n_workers=25, n_each=5, slips=0.002, seed=9
        ),
    }  # fmt: skip


def simulate(
    say: Say,
    *,
    tempt: Say | None,
    n_workers: int,
    n_each: int,
    seed: int,
    n_tasks: int = 400,
    slips: float = 0.02,
    part_careless: float = 0.1,
) -> Crowd:
    """Draw a crowd; `tempt` draws tempting readings, which are misreadings of the text if None."""
    random = np.random.default_rng(seed)
    eye = random.normal(1.8, 0.8, n_workers)
    slip = slips * random.lognormal(0.0, 0.7, n_workers)
    sloppy = random.beta(1.0, 3.0, n_workers)
    careless = random.random(n_workers) < part_careless
    crowd = Crowd([], [], [], [])
    for task in range(n_tasks):
        text = say(random)
        difficulty = random.normal(0.0, 1.3)
        tempting = misread(text, random) if tempt is None else tempt(random)
        crowd.truth[f"t{task:04}"] = text
        for worker in random.permutation(n_workers)[:n_each].tolist():
            if careless[worker] and random.random() < 0.5:
                meant = written = str(random.choice(NOISE))
            else:
                sees = random.random() < 1.0 / (1.0 + np.exp(difficulty - eye[worker]))
                other = tempting if random.random() < 0.6 else (
                    misread(text, random) if tempt is None else say(random)
                )  # fmt: skip
                meant = text if sees else other
                written = untidy(type_out(meant, slip[worker], random), sloppy[worker], random)
            crowd.tasks.append(f"t{task:04}")
            crowd.workers.append(f"w{worker:02}")
            crowd.texts.append(written)
            crowd.meant.append(meant)
    return crowd


def misread(text: str, random: np.random.Generator) -> str:
    """Another text that one could take it for: a word of the same list, or a like-shaped sign."""
    words = text.split()
    at = int(random.integers(len(words)))
    word = words[at]
    shaped = [place for place, sign in enumerate(word) if sign in SAME_SHAPE]
    if any(sign.isdigit() for sign in word) and shaped:
        place = int(random.choice(shaped))
        words[at] = word[:place] + SAME_SHAPE[word[place]] + word[place + 1 :]
    elif any(sign.isdigit() for sign in word):
        place = int(random.integers(len(word)))
        words[at] = word[:place] + str(random.integers(10)) + word[place + 1 :]
    else:
        lists = (WORDS, SHORT_WORDS, KOREAN_WORDS, KOREAN_SHORT, NAMES, FIRST_NAMES)
        mates = [one for one in next(one for one in lists if word in one) if one != word]
        like = [one for one in mates if one[:2] == word[:2] or one[-3:] == word[-3:]]
        words[at] = str(random.choice(like or mates))
    return " ".join(words)


def type_out(text: str, slip: float, random: np.random.Generator) -> str:
    """Type a text key by key; a hand leaves keys out, doubles, swaps or misses them."""
    out: list[str] = []
    for sign in text:
        keys = list(_keys(sign))
        if random.random() < 1.0 - (1.0 - slip) ** len(keys):
            at = int(random.integers(len(keys)))
            kind = random.random()
            if kind < 0.25 and (len(keys) == 1 or (at == len(keys) - 1 and at > 1)):
                del keys[at]
            elif kind < 0.4 and len(keys) == 1 and out:
                out[-1:], keys = keys, out[-1:]
            elif kind < 0.5 and len(keys) == 1:
                keys *= 2
            else:
                keys[at] = _neighbour(keys[at], random)
        out.append(_composed(keys))
    return "".join(out)


def untidy(text: str, sloppy: float, random: np.random.Generator) -> str:
    """Habits that change nothing of the text: case, spaces, full stops, quotation marks."""
    is_korean = any("가" <= sign <= "힣" for sign in text)
    if random.random() < sloppy:
        text = text.lower() if random.random() < 0.6 else text.upper()
    if random.random() < sloppy / 2:
        text = f"{text}{random.choice(['.', ' ', ' .', '!'])}"
    if random.random() < sloppy / 4:
        text = f'"{text}"' if random.random() < 0.5 else f" {text}"
    if is_korean and random.random() < sloppy:
        if " " in text:
            text = text.replace(" ", "", 1)
        elif len(text) > 4:
            at = int(random.integers(2, len(text) - 1))
            text = f"{text[:at]} {text[at:]}"
    return text


def _word(words: list[str]) -> Say:
    return lambda random: str(random.choice(words))


def _line(words: list[str], short: list[str]) -> Say:
    def say(random: np.random.Generator) -> str:
        n = int(random.integers(2, 5))
        return " ".join(f"{random.choice(short)} {random.choice(words)}" for _ in range(n))

    return say


def _name(random: np.random.Generator) -> str:
    return f"{random.choice(FIRST_NAMES)} {random.choice(NAMES)}"


def _code(random: np.random.Generator) -> str:
    letters = "".join(random.choice(list(string.ascii_uppercase), 2))
    return f"{letters}-{random.integers(1000, 10000)}"


def _keys(sign: str) -> str:
    if not "가" <= sign <= "힣":
        return sign
    lead, rest = divmod(ord(sign) - 0xAC00, 588)
    vowel, tail = divmod(rest, 28)
    return LEADS[lead] + VOWELS[vowel] + (chr(0x11A7 + tail) if tail else "")


def _composed(keys: list[str]) -> str:
    """A syllable again, where the keys make one."""
    if len(keys) < 2 or keys[0] not in LEADS or keys[1] not in VOWELS:
        return "".join(keys)
    tail = ord(keys[2]) - 0x11A7 if len(keys) > 2 and "\u11a8" <= keys[2] <= "\u11c2" else 0
    return chr(0xAC00 + (LEADS.index(keys[0]) * 21 + VOWELS.index(keys[1])) * 28 + tail)


def _neighbour(key: str, random: np.random.Generator) -> str:
    for row in (*KEYS, *KOREAN_KEYS):
        at = row.find(key.lower())
        if at >= 0:
            return (
                row[at - 1] if at == len(row) - 1 or (at and random.random() < 0.5) else row[at + 1]
            )
    if "\u11a8" <= key <= "\u11c2":
        return str(random.choice(list("\u11a8\u11ab\u11af\u11b7\u11bc")))
    return str(random.choice(list("0123456789"))) if key.isdigit() else key
