-- What a contributor may learn of a call beside its tasks: how far it is, and, where the policy
-- allows, what others answered. Nothing here depends on others' answers while they are sealed.

-- The contributors of one person in one call, for reading; nothing is locked.
create or replace function collect.find_contributors(p_call bigint, p_key bytea) returns bigint[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    v_person bigint;
    v_ids bigint[];
begin
    select person_id into v_person from people_personkey
    where hash = p_key and revoked_at is null;
    if not found then
        raise exception 'no such key' using errcode = 'DU401';
    end if;
    select array_agg(id order by id) into v_ids from people_contributor
    where call_id = p_call and person_id = any (people_group(v_person));
    if v_ids is null then
        raise exception 'not in this call' using errcode = 'DU403';
    end if;
    return v_ids;
end $$;

-- Whole tenths of the work that is done; coarse, so that no single answer shows in it.
create or replace function collect.progress(p_call bigint) returns int
language sql stable security definer set search_path = public, pg_temp as $$
    select coalesce(
        (
            select (10 * (tasks_decided + tasks_disputed))
                / nullif(tasks_open + tasks_decided + tasks_disputed, 0)
            from tasks_verdictrun where call_id = p_call order by id desc limit 1
        ),
        (
            select least(10, coalesce(
                floor(10 * sum(t.counted) / nullif(sum(t.tasks) * max(c.answers_max), 0)), 0
            ))
            from tasks_tally t join calls_call c on c.id = t.call_id where t.call_id = p_call
        ),
        0
    )::int
$$;

-- Whether the others' answers are open to whoever answered, with no more waiting.
create or replace function collect.is_revealed(p_call bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
    select state = 'closed' or exists (
        select from calls_callchange where call_id = p_call and step = 'reveal'
    )
    from calls_call where id = p_call
$$;

-- What others answered to one task, summed up by the type of its question.
create or replace function collect.sum_others(
    p_call bigint, p_group bigint[], p_task bigint, p_type text
) returns jsonb
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    v_sum jsonb;
    v_more jsonb := '{}';
begin
    select jsonb_build_object('task', p_task, 'answers', count(*)) into v_sum
    from collect.others_answers(p_call, p_group, p_task);
    if p_type in ('choice', 'pair', 'multi') then
        select jsonb_build_object('shares', coalesce(jsonb_object_agg(value, n), '{}')) into v_more
        from (
            select one as value, count(*) as n
            from collect.others_answers(p_call, p_group, p_task) a
            cross join jsonb_array_elements_text(
                case when p_type = 'multi' then a.value else jsonb_build_array(a.value) end
            ) one
            group by one
        ) counted;
    elsif p_type = 'number' then
        select jsonb_build_object('mean', round(avg((value #>> '{}')::numeric), 2)) into v_more
        from collect.others_answers(p_call, p_group, p_task);
    elsif p_type = 'text' then
        select jsonb_build_object('texts', coalesce(jsonb_agg(text), '[]')) into v_more
        from (
            select w.text from collect.others_answers(p_call, p_group, p_task) a
            join tasks_answertext w on w.call_id = p_call and w.answer_id = a.id
            where w.text is not null order by a.seq desc limit 5
        ) latest;
    end if;
    return v_sum || v_more;
end $$;

create or replace function collect.others_answers(p_call bigint, p_group bigint[], p_task bigint)
returns table (id uuid, seq bigint, value jsonb)
language sql stable security definer set search_path = public, pg_temp as $$
    select a.id, a.seq, a.value from tasks_answer a
    where a.call_id = p_call and a.task_id = p_task and a.phase = 'first'
        and a.contributor_id <> all (p_group)
        and not a.is_skip and not a.is_late
        and a.undone_seq is null and a.superseded_seq is null
$$;

-- How far the call is, how much of it is the person's own work, and what others answered to those
-- of the tasks where the policy lets this person know: under after_own once their own answer
-- stands and can't be undone any more, and always when the call was revealed or is closed.
create or replace function collect.read_news(p_call bigint, p_key bytea, p_tasks bigint[])
returns jsonb
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    v_call record;
    v_group bigint[];
    v_mine bigint;
    v_others jsonb := '[]';
    v_is_revealed boolean;
begin
    select state, visibility, question ->> 'type' as type into v_call from calls_call
    where id = p_call and kind = 'tasks';
    if not found then
        raise exception 'no such call' using errcode = 'DU404';
    end if;
    if v_call.state = 'draft' then
        raise exception 'the call is a draft' using errcode = 'DU409';
    end if;
    v_group := collect.find_contributors(p_call, p_key);
    select count(distinct task_id) into v_mine from tasks_lease
    where call_id = p_call and contributor_id = any (v_group) and status = 'answered';
    v_is_revealed := collect.is_revealed(p_call);
    if v_is_revealed or v_call.visibility = 'after_own' then
        select coalesce(
            jsonb_agg(
                collect.sum_others(p_call, v_group, own.task_id, v_call.type) order by own.place
            ), '[]'
        ) into v_others
        from (
            select a.task_id, min(given.place) as place
            from unnest(p_tasks) with ordinality as given (task_id, place)
            join tasks_answer a on a.call_id = p_call and a.task_id = given.task_id
            where a.contributor_id = any (v_group) and a.phase = 'first' and not a.is_skip
                and a.undone_seq is null and a.superseded_seq is null
                and (
                    v_is_revealed
                    or not a.is_late and a.at + interval '10 seconds' <= collect.now()
                )
            group by a.task_id
        ) own;
    end if;
    return jsonb_build_object(
        'state', v_call.state, 'progress', collect.progress(p_call), 'mine', v_mine,
        'others', v_others
    );
end $$;
