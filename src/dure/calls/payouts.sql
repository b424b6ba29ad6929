-- Who is owed what by an organisation.

-- For each contributor of an organisation's calls with an account: the person they turned out to
-- be, what stands there in each currency, and what of it is on its way in a payout.
create or replace function calls_dues(p_organisation bigint)
returns table (
    person_id bigint, call_id bigint, contributor_id bigint, currency varchar,
    amount_minor bigint, on_its_way_minor bigint
)
language sql stable as $$
    with mine as (
        select a.id as account_id, a.owner, a.currency, c.call_id, c.id, c.person_id
        from calls_call k
        join people_contributor c on c.call_id = k.id
        join ledger_ledgeraccount a
            on a.owner = 'contributor:' || c.call_id || ':' || c.id and a.purpose = 'owed_to'
        where k.organisation_id = p_organisation
    ), sums as (
        select e.account_id, sum(e.amount_minor)::bigint as amount_minor
        from mine join ledger_entry e on e.account_id = mine.account_id
        group by e.account_id
    )
    select
        case when m.person_id is null then mine.person_id else people_root(mine.person_id) end,
        mine.call_id, mine.id, mine.currency, sums.amount_minor, coalesce(w.amount_minor, 0)
    from mine
    join sums on sums.account_id = mine.account_id
    left join people_personmerge m on m.person_id = mine.person_id
    left join ledger_payoutsource w
        on w.owner = mine.owner and w.currency = mine.currency and w.ended_at is null
    where sums.amount_minor <> 0 or w.id is not null
    order by 1, mine.call_id, mine.id
$$;

-- What earns, or ceases to, in any of these calls waits until the transaction ends.
create or replace function calls_hold_pay(p_calls bigint[]) returns void
language plpgsql volatile as $$
declare
    v_call bigint;
begin
    -- In order, so that two who hold several calls wait in line and not in a circle.
    for v_call in select distinct c from unnest(p_calls) c order by c loop
        perform tasks_hold_pay(v_call);
    end loop;
end $$;
