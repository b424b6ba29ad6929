-- What the import of tasks writes; called by importing.py alone, which holds the call.

-- Add a batch of tasks in the order given; a key that is there already stays as it is. Gives for
-- each place whether its task was 'added', is the 'same', or meets 'other' content under its key.
create or replace function tasks_add(
    p_call bigint, p_capacity int, p_keys varchar[], p_contents jsonb[], p_golds jsonb[]
) returns table (place bigint, fate text)
language sql volatile as $$
    with given as (
        select n.place, n.key, n.content, nullif(n.gold, 'null') as gold
        from unnest(p_keys, p_contents, p_golds) with ordinality as n (key, content, gold, place)
    ), known as (
        select g.place, (t.content, t.gold) is not distinct from (g.content, g.gold) as is_same
        from given g join tasks_task t on t.call_id = p_call and t.key = g.key
    ), added as (
        insert into tasks_task (call_id, key, content, gold)
        select p_call, g.key, g.content, g.gold from given g
        where not exists (select from known k where k.place = g.place)
        order by g.place
        returning id, key
    ), progress as (
        insert into tasks_taskprogress (call_id, task_id, capacity)
        select p_call, a.id, p_capacity from added a order by a.id
    ), tallied as (
        insert into tasks_tally as t (call_id, slot, events, tasks)
        select p_call, 0, count(*), count(*) from added having count(*) > 0
        on conflict (call_id, slot) do update set
            events = t.events + excluded.events, tasks = t.tasks + excluded.tasks
    )
    select g.place, case
        when k.place is null then 'added' when k.is_same then 'same' else 'other'
    end
    from given g left join known k on k.place = g.place
$$;

-- Fresh statistics after a large import, without which the first leases are planned badly. The
-- tables belong to another role than the one that imports.
create or replace function tasks_analyze() returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    analyze tasks_task;
    analyze tasks_taskprogress;
end $$;
revoke execute on function tasks_analyze() from public;
