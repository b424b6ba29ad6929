from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dure.truth import BadAnswers, Outcome, Texts, code_texts, infer_texts, normalise, score_texts
from tests.truth.real_sets import load_choices
from tests.truth.text_laws import TEXT_LAWS, random_texts
from tests.truth.writing_crowds import write


@pytest.mark.parametrize("law", TEXT_LAWS, ids=lambda law: law.__name__)
@given(texts=random_texts(), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_laws_hold(law, texts, seed):
    law(infer_texts, texts, seed)


def test_slips_case_and_spaces_make_one_text():
    result = infer_texts(
        _one_task(["서울특별시", "서울 특별시", "서울특벌시", "서울특별시.", "부산광역시"])
    )

    assert result.cluster_of_answer.tolist() == [0, 0, 0, 0, 1]
    assert result.spelling_of_cluster == ("서울특별시", "부산광역시")
    assert result.share_of_cluster.tolist() == [0.8, 0.2]
    assert result.probability_of_cluster[0] > 0.8 > 0.1 > result.probability_of_cluster[1]


@pytest.mark.parametrize(
    ("one", "other"), [("A1", "A2"), ("2019", "2020"), ("cat", "car"), ("사과", "사고")]
)
def test_codes_figures_and_short_words_are_never_joined(one, other):
    result = infer_texts(_one_task([one, one, one, other]))

    assert result.cluster_of_answer.tolist() == [0, 0, 0, 1]


def test_words_known_from_other_tasks_are_not_taken_for_slips():
    tasks = ["t"] * 4 + ["u"] * 3
    answers = ["house", "house", "house", "mouse", "mouse", "mouse", "mouse"]
    coded = code_texts(tasks, list("abcdabc"), answers)
    alone = infer_texts(_one_task(answers[:4]), nearness=0.2)

    result = infer_texts(coded.texts, nearness=0.2)

    assert alone.cluster_of_answer.tolist() == [0, 0, 0, 0]
    assert result.cluster_of_answer.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert {"house", "mouse"} <= result.habits.known


def test_where_texts_of_different_tasks_lie_near_spellings_do_not_join():
    codes = [first + second + "ovenia" for first in "abcdefghij" for second in "klmnopqrst"]
    tasks = [f"t{at}" for at in range(100) for _ in range(3)]
    random = np.random.default_rng(1)
    answers = []
    for code in codes:
        answers += [code, code, codes[int(random.integers(100))]]
    coded = code_texts(tasks, ["a", "b", "c"] * 100, answers)

    result = infer_texts(coded.texts)

    assert result.habits.nearness < 1 / 8


def test_known_text_is_certain_and_teaches_who_is_right():
    tasks = [f"t{at}" for at in range(20) for _ in range(2)]
    workers = ["good", "bad"] * 20
    answers = [text for at in range(20) for text in (f"word {at}", f"noise {at}")]
    coded = code_texts(tasks, workers, answers)
    gold = [None if int(task[1:]) >= 15 else f"Word {task[1:]}" for task in coded.tasks]

    result = infer_texts(coded.texts, gold_text=gold)

    best = [result.spelling_of_cluster[one] for one in result.best]
    assert best == [one or f"word {task[1:]}" for one, task in zip(gold, coded.tasks, strict=True)]
    is_known = np.array([one is not None for one in gold])
    chances = result.probability_of_cluster[result.best]
    assert (chances[is_known] == 1.0).all()
    assert (chances[~is_known] > 0.8).all()
    assert result.skill[coded.workers.index("good")] > 0.85
    assert result.skill[coded.workers.index("bad")] < 0.15


def test_known_text_that_nobody_gave_makes_all_answers_wrong():
    result = infer_texts(_one_task(["a b c", "a b c"]), gold_text=["something else"])

    assert result.spelling_of_cluster == ("something else", "a b c")
    assert result.probability_of_cluster.tolist() == [1.0, 0.0]
    assert result.best.tolist() == [0]
    assert result.share_of_cluster.tolist() == [0.0, 1.0]


def test_without_answers_nothing_is_concluded():
    nothing = np.empty(0, np.int32)

    result = infer_texts(Texts(nothing, nothing, (), 2, 1))

    assert result.outcome is Outcome.NO_ANSWERS
    assert result.best.tolist() == [-1, -1]
    assert np.isnan(result.skill).all()


def test_more_agreement_is_surer_and_one_answer_is_not_sure():
    chances = [
        infer_texts(_one_task(["seventeen"] * n)).probability_of_cluster[0] for n in (1, 2, 5)
    ]

    assert chances == sorted(chances)
    assert chances[0] < 0.8
    assert chances[2] > 0.9


def test_interval_of_skill_narrows_with_answers():
    few, many = (infer_texts(write(n_tasks=n, seed=2).coded.texts, nearness=0.2) for n in (20, 320))

    assert (many.skill_high - many.skill_low).max() < (few.skill_high - few.skill_low).min()


def test_simulated_writers_are_read_better_than_by_the_vote_and_skills_are_found():
    crowd = write(n_tasks=400, seed=3)
    result = infer_texts(crowd.coded.texts)

    score = score_texts(result, crowd.truth)

    votes = []
    for task, truth in enumerate(crowd.truth):
        rows = np.flatnonzero(crowd.coded.texts.task_of_answer == task)
        forms = [normalise(crowd.coded.texts.text_of_answer[row]) for row in rows]
        votes.append(max(sorted(forms), key=forms.count) == normalise(truth))
    assert score.accuracy > np.mean(votes) + 0.05
    # Where errors do not go together the verdicts are less sure than they could be, never more.
    assert result.probability_of_cluster[result.best].mean() < score.accuracy
    assert np.corrcoef(result.skill, crowd.accuracy)[0, 1] > 0.8


def test_known_texts_tell_how_sure_the_others_are():
    crowd = write(n_tasks=300, seed=3)
    half = [text if at % 2 else None for at, text in enumerate(crowd.truth)]
    rest = [None if at % 2 else text for at, text in enumerate(crowd.truth)]
    told = infer_texts(crowd.coded.texts, gold_text=half)
    untold = infer_texts(crowd.coded.texts)

    scores = [score_texts(result, rest) for result in (told, untold)]

    # Here errors do not go together, which the correlation supposes.
    assert told.habits.sharpness > untold.habits.sharpness == 1.0
    assert scores[0].log_loss < scores[1].log_loss
    assert scores[0].calibration_error < scores[1].calibration_error


@pytest.mark.parametrize("name", ["wsd", "music"])
def test_recorded_labels_read_as_texts_are_as_good_as_voted(name):
    coded, truth = load_choices(name)
    answers = coded.answers
    words = [f"label {letter * 9}" for letter in "abcdefghijklmnopqrst"]
    texts = Texts(
        answers.task_of_answer,
        answers.worker_of_answer,
        tuple(words[label] for label in answers.label_of_answer.tolist()),
        answers.n_tasks,
        answers.n_workers,
    )
    result = infer_texts(texts)

    score = score_texts(result, [words[one] if one >= 0 else None for one in truth.tolist()])

    votes = np.zeros((answers.n_tasks, answers.n_labels))
    np.add.at(votes, (answers.task_of_answer, answers.label_of_answer), 1)
    voted = (votes.argmax(axis=1) == truth)[truth >= 0].mean()
    assert score.accuracy >= voted - 0.005
    assert len(set(result.spelling_of_cluster)) == answers.n_labels
    # The margin is music's, where votes are weak.
    assert name != "music" or score.accuracy > voted + 0.05


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"method": "best"},
            "Expected the method auto, text-clusters, got 'best'; labels go to infer.",
        ),
        ({"nearness": 1.0}, "Expected nearness from 0 to .5, got 1.0; .2 is usual."),
        ({"correlation": -1}, "Expected correlation from 0 to 1, got -1."),
        ({"n_iterations_max": 0}, "Expected n_iterations_max of at least 1, got 0."),
        (
            {"gold_text": []},
            (
                "Expected gold_text of one text or None for each of 1 tasks, got 0; "
                "give None where the truth is not known."
            ),
        ),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(BadAnswers) as refusal:
        infer_texts(_one_task(["a"]), **options)

    assert str(refusal.value) == sentence


def test_answers_that_are_no_texts_are_refused():
    with pytest.raises(BadAnswers) as refusal:
        infer_texts(replace(_one_task(["a"]), text_of_answer=(7,)))

    assert str(refusal.value) == (
        "Expected each answer to be text, got 7 at position 0; "
        "code the answers with dure.truth.code_texts."
    )


def _one_task(answers):
    workers = np.arange(len(answers), dtype=np.int32)
    return Texts(np.zeros_like(workers), workers, tuple(answers), 1, len(answers))
