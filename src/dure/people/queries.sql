-- Who is who: read by the collecting functions and by people's own verbs.

-- Who is who changes for one at a time: two merges that cross could make a circle of persons, and
-- two accounts could claim one person.
create or replace function people_take_turns() returns void
language sql as $$
    select pg_advisory_xact_lock(4974000000000000);
$$;

-- The person that a person turned out to be, after any number of merges up to a moment.
create or replace function people_root(p_person bigint, p_as_of timestamptz default 'infinity')
returns bigint
language plpgsql stable as $$
declare
    v_root bigint := p_person;
    v_next bigint;
begin
    loop
        select into_id into v_next from people_personmerge
        where person_id = v_root and at <= p_as_of;
        exit when not found;
        v_root := v_next;
    end loop;
    return v_root;
end $$;

-- Every person who turned out to be the same as this one, itself included.
create or replace function people_group(p_person bigint) returns bigint[]
language plpgsql stable as $$
begin
    if not exists (
        select from people_personmerge where person_id = p_person or into_id = p_person
    ) then
        return array[p_person];
    end if;
    return (
        with recursive down(id) as (
            select people_root(p_person)
            union
            select m.person_id from down join people_personmerge m on m.into_id = down.id
        )
        select array_agg(id order by id) from down
    );
end $$;

-- For each contributor of a call, the contributor whose work theirs is counted with.
create or replace function people_workers(
    p_call bigint, p_as_of timestamptz default 'infinity'
)
returns table (contributor_id bigint, worker_id bigint, pseudonym varchar)
language sql stable as $$
    with mine as (
        select c.id, c.pseudonym,
            case when m.person_id is null then c.person_id
                else people_root(c.person_id, p_as_of) end as root
        from people_contributor c
        left join people_personmerge m on m.person_id = c.person_id
        where c.call_id = p_call
    )
    select id, first_value(id) over same, first_value(pseudonym) over same
    from mine window same as (partition by root order by id)
$$;

-- How each of some persons is paid: what they said themselves, else the newest word of those who
-- turned out to be the same. Only merged persons are looked up one by one.
create or replace function people_payees(p_persons bigint[])
returns table (person_id bigint, payee_id bigint)
language sql stable as $$
    with own as (
        select p.person_id from people_payee p where p.person_id = any(p_persons)
    ), merged as (
        select people_root(p.person_id) as root, p.person_id, p.at
        from people_payee p join people_personmerge m on m.person_id = p.person_id
    ), newest as (
        select distinct on (root) root, merged.person_id
        from merged where root = any(p_persons)
        order by root, at desc, merged.person_id desc
    )
    select own.person_id, own.person_id from own
    union all
    select newest.root, newest.person_id from newest
    where not exists (select from own where own.person_id = newest.root)
$$;
