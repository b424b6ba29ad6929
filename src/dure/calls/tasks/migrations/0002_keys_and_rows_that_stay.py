from django.db import migrations

from dure.migrating import append_only

CONTRIBUTOR = "foreign key (call_id, contributor_id) references people_contributor (call_id, id)"
PROGRESS = (
    "foreign key (call_id, task_id) references tasks_taskprogress (call_id, task_id)"
)
ANSWER = "foreign key (call_id, answer_id) references tasks_answer (call_id, id)"
# Rows point at the progress of a task rather than at the task: it is locked already.
KEYS = [
    ("tasks_taskprogress", "progress_is_of_a_task",
     "foreign key (call_id, task_id) references tasks_task (call_id, id)"),
    ("tasks_lease", "lease_is_of_a_task", PROGRESS),
    ("tasks_lease", "lease_is_held_by_a_contributor", CONTRIBUTOR),
    ("tasks_answer", "answer_is_to_a_task", PROGRESS),
    ("tasks_answer", "answer_is_by_a_contributor", CONTRIBUTOR),
    ("tasks_answertext", "text_is_of_an_answer", ANSWER),
    ("tasks_verdict", "verdict_is_on_a_task", PROGRESS),
    ("tasks_accrual", "accrual_is_for_an_answer", ANSWER),
    ("tasks_tally", "tally_is_of_a_call", "foreign key (call_id) references calls_call (id)"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0001_answering_side"),
        ("calls", "0002_contributors_belong_to_calls"),
    ]
    operations = [
        *(
            migrations.RunSQL(
                f"alter table {table} add constraint {name} {key};",
                f"alter table {table} drop constraint {name};",
            )
            for table, name, key in KEYS
        ),
        append_only(
            "tasks_answer",
            may_set=("undone_seq", "undone_at", "superseded_seq", "superseded_at"),
        ),
        append_only("tasks_verdictrun"),
        append_only("tasks_accrual", may_set=("posted_as",)),
        migrations.RunSQL(
            """
            create function tasks_words_stay_or_are_erased() returns trigger language plpgsql as $$
            begin
                if tg_op = 'UPDATE' and new.call_id = old.call_id
                    and new.answer_id = old.answer_id and new.text is null
                then
                    return new;
                end if;
                raise exception 'words may be erased, but not changed or deleted'
                    using errcode = 'restrict_violation';
            end $$;
            create trigger words_stay before update or delete on tasks_answertext
                for each row execute function tasks_words_stay_or_are_erased();
            """,
            """
            drop trigger words_stay on tasks_answertext;
            drop function tasks_words_stay_or_are_erased();
            """,
        ),
        # Room on each page for new versions of rows that change with every answer.
        migrations.RunSQL(
            """
            alter table tasks_taskprogress set (fillfactor = 70);
            alter table tasks_lease set (fillfactor = 80);
            alter table tasks_tally set (fillfactor = 50);
            """,
            """
            alter table tasks_taskprogress reset (fillfactor);
            alter table tasks_lease reset (fillfactor);
            alter table tasks_tally reset (fillfactor);
            """,
        ),
    ]
