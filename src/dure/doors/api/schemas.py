"""What goes in and comes out, written by hand, with examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictFloat, StrictInt, WithJsonSchema

from dure.calls.models import Call
from dure.calls.promises import KINDS, REPORT_MONTHS
from dure.calls.queries import ID_MAX
from dure.calls.tasks.questions import TYPES
from dure.calls.topics import TOPICS, TOPICS_MAX

TEXT = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "string"},
            "propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
        },
    ],
    "description": "A text in the call's language, or an object of texts keyed by language.",
}
MAYBE_EMPTY = {**TEXT, "anyOf": [{"type": "string"}, TEXT["anyOf"][1]]}
OPTION = {
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 100},
        {
            "type": "object",
            "properties": {"value": {"type": "string"}, "label": TEXT},
            "required": ["value"],
            "additionalProperties": False,
        },
    ]
}
QUESTION = {
    "type": "object",
    "description": "What is asked of each task. `options` for a choice, for several of some "
    "(multi, with `min` and `max` how many), as labels of boxes, and for a rank whose items are "
    "the same in each task; `min`, `max`, `step`, `unit` for a number; `min` and `max` letters "
    "for a text. `predict` (choice, number) asks also what the others will say.",
    "properties": {
        "type": {"enum": list(TYPES)},
        "text": TEXT,
        "options": {"type": ["array", "null"], "items": OPTION},
        "min": {"type": ["number", "null"]},
        "max": {"type": ["number", "null"]},
        "step": {"type": ["number", "null"]},
        "unit": MAYBE_EMPTY,
        "predict": {"type": "boolean"},
    },
    "required": ["type", "text"],
    "examples": [{"type": "choice", "text": "Is it a bird?", "options": ["yes", "no"]}],
}
PROMISE = {
    "type": "object",
    "description": "What contributors get: `nothing`; `per_answer`, an amount for each answer that "
    "counts; `pool`, a fixed sum that is shared when the call has closed; `revenue_share`, a "
    "percentage of the gains that are recorded up to a day; or `several` of these as `parts`.",
    "properties": {
        "kind": {"enum": list(KINDS)},
        "amount_minor": {"type": ["integer", "null"], "minimum": 1},
        "currency": {"type": ["string", "null"]},
        "base_percent": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
        "percent": {"type": "integer", "minimum": 1, "maximum": 100},
        "cap_minor": {"type": ["integer", "null"], "minimum": 1},
        "until": {"type": "string", "format": "date"},
        "report_months": {"enum": list(REPORT_MONTHS)},
        "parts": {"type": "array", "items": {"type": "object"}, "minItems": 2, "maxItems": 3},
    },
    "required": ["kind"],
    "examples": [{"kind": "per_answer", "amount_minor": 50, "currency": "KRW"}],
}

TOPICS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "What the call is about, for those who look for something to help with.",
    "items": {"enum": list(TOPICS)},
    "maxItems": TOPICS_MAX,
}

TextField = Annotated[Any, WithJsonSchema(TEXT)]
BriefField = Annotated[Any, WithJsonSchema(MAYBE_EMPTY)]
QuestionField = Annotated[Any, WithJsonSchema(QUESTION)]
PromiseField = Annotated[Any, WithJsonSchema(PROMISE)]
TopicsField = Annotated[Any, WithJsonSchema(TOPICS_SCHEMA)]
CallId = Annotated[int, Field(ge=1, le=ID_MAX, description="The call's id.")]


class Body(Schema):
    model_config = ConfigDict(extra="forbid")


class Options(Body):
    """What may follow the question mark of an address; anything else there is refused."""


class RuleIn(Body):
    """A task is decided at `min` answers and a probability of `target`, or else at `max`."""

    min: StrictInt = 3
    max: StrictInt = 5
    target: StrictFloat | StrictInt | None = Field(
        default=0.95, description="null: exactly `max` answers are asked."
    )
    lease_s: StrictInt = Field(default=300, description="How long a task is kept for someone.")


class CallIn(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "tasks",
                    "title": {"en": "Birds in the harbour", "ko": "항구의 새"},
                    "question": QUESTION["examples"][0],  # type: ignore[index]
                    "answers": {"min": 3, "max": 5, "target": 0.95},
                }
            ]
        },
    )

    kind: str = Field(description="'tasks'")
    title: TextField
    question: QuestionField
    brief: BriefField = ""
    answers: RuleIn = RuleIn()
    visibility: str = Field(default="sealed", description="'sealed' or 'after_own'")
    promise: PromiseField = {"kind": "nothing"}  # noqa: RUF012  pydantic copies it
    language: str = "en"
    topics: TopicsField = []  # noqa: RUF012  pydantic copies it


class CallChangeIn(Body):
    """Only what is named changes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"title": "Birds in the new harbour"}]}
    )

    title: TextField = None
    question: QuestionField = None
    brief: BriefField = None
    answers: RuleIn | None = None
    visibility: str | None = None
    promise: PromiseField = None
    language: str | None = None
    topics: TopicsField = None


class RuleOut(Schema):
    min: int
    max: int
    target: float | None
    lease_s: int


class WorkOut(Schema):
    """Tasks, and answers that count, skips, and answers that came late."""

    tasks: int
    counted: int
    skipped: int
    late: int


class CallOut(Schema):
    id: int
    slug: str
    state: Literal["draft", "open", "paused", "closed"]
    join_url: str = Field(description="Where contributors take part.")
    kind: str
    title: TextField
    brief: BriefField
    question: QuestionField
    answers: RuleOut
    visibility: str
    promise: PromiseField
    language: str
    topics: list[str]
    created_at: datetime
    work: WorkOut


class CallsOut(Schema):
    calls: list[CallOut]
    next: str | None = Field(description="Send it as `cursor` to read on; null at the end.")


class CallsQuery(Options):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None


class RefusedOut(Schema):
    line: int = Field(description="In a file its line, in JSON its place in `tasks`; from 1.")
    reason: str


class ImportOut(Schema):
    added: int
    same: int = Field(description="Tasks that were there already, with the same content.")
    refused: list[RefusedOut] = Field(description="The first thousand.")
    refused_total: int


class ImportQuery(Options):
    strict: Literal["0", "1", "true", "false"] = Field(
        default="0", description="1: add all tasks, or none if a line is refused."
    )


class ExportQuery(Options):
    format: Literal["json", "csv", "jsonl", "parquet"] = "json"


class RankedOut(Schema):
    """An item's place; the intervals are of 90 %."""

    item: str
    score: float = Field(description="A log strength: differences are log odds to be preferred.")
    low: float | None
    high: float | None
    rank: int
    rank_low: int
    rank_high: int


class RankedOfAllOut(RankedOut):
    comparisons: int
    component: int = Field(
        description="Items of different components were never compared, not even through others."
    )


class SpellingOut(Schema):
    """What some answers mean, in its best spelling."""

    text: str
    probability: float
    answers: int
    spellings: list[str] = Field(description="Its other spellings, at most ten.")


class MergedBoxOut(Schema):
    """A box in fractions of the picture, and the chance that it is real."""

    x: float
    y: float
    w: float
    h: float
    label: str | None = None
    probability: float
    marked: int = Field(description="How many answers marked it.")
    low: list[float] = Field(description="Where its corners x0, y0, x1, y1 begin, by 90 %.")
    high: list[float]


class VerdictOut(Schema):
    """For a choice, several, a pair and a text `label` and `probability`, for a number `estimate`,
    `low` and `high`, for a ranking `label` and `items`, for boxes `boxes`.
    """

    task: str = Field(description="The organiser's key.")
    label: str | list[str] | None = Field(
        default=None, description="A list for several and for a ranking."
    )
    probability: float | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    pivot: float | None = Field(
        default=None, description="The estimate by what people expected of each other."
    )
    surprising: str | None = Field(
        default=None, description="What more people said than expected; where that was asked."
    )
    margin: float | None = Field(default=None, description="By how much, as a share.")
    share: float | None = Field(default=None, description="Of the answers that mean this text.")
    texts: list[SpellingOut] | None = None
    items: list[RankedOut] | None = None
    boxes: list[MergedBoxOut] | None = None
    answers: int = Field(description="How many answers this verdict saw.")
    state: Literal["open", "decided", "disputed"]


class VerdictsOut(Schema):
    as_of: datetime | None = Field(description="null: nothing has been concluded yet.")
    method: str | None
    version: str | None
    answers_seen: int
    answers_total: int = Field(description="Counted answers by now; those unseen come next.")
    ranking: list[RankedOfAllOut] | None = Field(
        default=None, description="Of all items that were compared or ranked, the first one first."
    )
    verdicts: list[VerdictOut]


class AnswerOut(Schema):
    id: str
    task: str
    worker: str = Field(description="The contributor's pseudonym in this call.")
    answer: str | float | list[Any] | None = Field(
        description="A list for multi, rank and box. null: a skip, or words that were erased."
    )
    phase: Literal["first", "revision"]
    late: bool
    at: datetime
    left: str | None = Field(default=None, description="For pairs, what was compared.")
    right: str | None = None


class AnswersOut(Schema):
    answers: list[AnswerOut]


class PredictionOut(Schema):
    task: str
    worker: str
    value: str | None = Field(description="The option; null for a number.")
    prediction: float = Field(description="The share that gives this answer, or the others' mean.")


class PredictionsOut(Schema):
    predictions: list[PredictionOut]


class FieldOut(Schema):
    field: str
    sentence: str


class RefusedFileOut(Schema):
    name: str
    reason: str


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; for programs.")
    detail: str = Field(description="One sentence, for people.")
    fields: list[FieldOut] | None = None
    refused: list[RefusedOut] | None = None
    refused_total: int | None = None
    refused_files: list[RefusedFileOut] | None = None


def show_call(call: Call, *, work: dict[str, int], address: str) -> dict[str, Any]:
    """A call as organisers see it; `address` is where this installation is reached."""
    return {
        "id": call.pk,
        "slug": call.slug,
        "state": call.state,
        "join_url": f"{address}/c/{call.slug}/",
        "kind": call.kind,
        "title": call.title,
        "brief": call.brief,
        "question": call.question,
        "answers": {
            "min": call.answers_min,
            "max": call.answers_max,
            "target": call.answers_target,
            "lease_s": call.lease_s,
        },
        "visibility": call.visibility,
        "promise": call.promise,
        "language": call.language,
        "topics": call.topics,
        "created_at": call.created_at,
        "work": work,
    }
