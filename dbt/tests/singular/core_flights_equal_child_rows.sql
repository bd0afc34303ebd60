-- Flights of all cores against the slots of live launches that name a core that is there.
with

mart as (
    select coalesce(sum(flight_count + upcoming_flight_count), 0) as flights
    from {{ ref('spacex_cores') }}
),

slots as (
    select count(*) as rows_found
    from {{ ref('src_spacex_launches__cores') }} as launch_cores
    inner join {{ ref('src_spacex_cores') }} as cores
        on cores.core_id = launch_cores.core_id
    where not cores.is_deleted
)

select
    mart.flights,
    slots.rows_found
from mart
cross join slots
where mart.flights <> slots.rows_found
