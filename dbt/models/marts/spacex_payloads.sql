{{
    config(
        unique_key='payload_id',
        post_hook="{{ delete_gone_keys('payload_id', ref('src_spacex_payloads')) }}"
    )
}}

with

inputs as (
    select
        payload_id,
        loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_payloads') }}
    where not is_deleted

    union all

    select
        payloads.payload_id,
        launches.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_payloads') }} as payloads
    inner join {{ ref('src_spacex_launches') }} as launches
        on launches.launch_id = payloads.launch_id
    where
        not payloads.is_deleted
        and not launches.is_deleted

    union all

    select
        payloads.payload_id,
        launches.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_payloads') }} as payloads
    inner join {{ ref('src_spacex_launches__payloads') }} as launch_payloads
        on launch_payloads.payload_id = payloads.payload_id
    inner join {{ ref('src_spacex_launches') }} as launches
        on launches.launch_id = launch_payloads.launch_id
    where
        not payloads.is_deleted
        and not launches.is_deleted
),

changed as (
    {{ changed_keys('inputs', 'payload_id') }}
),

listing_facts as (
    select
        payloads.payload_id,
        count(distinct launch_payloads.launch_id) as listing_launch_count,
        count(case when launch_payloads.launch_id = payloads.launch_id then 1 end) as own_listing_count
    from changed
    inner join {{ ref('src_spacex_payloads') }} as payloads
        on payloads.payload_id = changed.payload_id
    inner join {{ ref('src_spacex_launches__payloads') }} as launch_payloads
        on launch_payloads.payload_id = payloads.payload_id
    group by payloads.payload_id
),

customer_facts as (
    select
        payload_customers.payload_id,
        count(*) as customer_count,
        {{ dbt.listagg('payload_customers.customer', "', '", 'order by payload_customers.ordinal') }} as customers
    from changed
    inner join {{ ref('src_spacex_payloads__customers') }} as payload_customers
        on payload_customers.payload_id = changed.payload_id
    group by payload_customers.payload_id
),

dated_launches as (
    select
        *,
        {{ launch_instant('date_utc', 'date_precision') }} as launch_at
    from {{ ref('src_spacex_launches') }}
    where not is_deleted
)

select
    -- ids
    payloads.payload_id,
    payloads.launch_id,
    launches.rocket_id,
    payloads.capsule_id,

    -- payload
    payloads.name as payload_name,
    payloads.type as payload_type,
    payloads.reused,
    payloads.mass_kg,
    coalesce(customer_facts.customer_count, 0) as customer_count,
    cast(customer_facts.customers as {{ logical_type('string') }}) as customers,

    -- orbit
    payloads.orbit,
    payloads.reference_system,
    payloads.regime,
    payloads.periapsis_km,
    payloads.apoapsis_km,
    payloads.inclination_deg,
    payloads.period_min,
    payloads.lifespan_years,

    -- launch
    launches.name as launch_name,
    launches.launch_at,
    cast(launches.launch_at as {{ logical_type('date') }}) as launch_date,
    launches.upcoming as launch_upcoming,
    launches.success as launch_success,
    payloads.launch_id is not null and launches.launch_id is null as is_launch_missing,
    coalesce(listing_facts.listing_launch_count, 0) as listing_launch_count,
    coalesce(listing_facts.own_listing_count, 0) > 0 as is_listed_by_launch,

    -- load
    changed.source_loaded_at,
    changed.source_rows
from changed
inner join {{ ref('src_spacex_payloads') }} as payloads
    on payloads.payload_id = changed.payload_id
left join dated_launches as launches
    on launches.launch_id = payloads.launch_id
left join listing_facts
    on listing_facts.payload_id = changed.payload_id
left join customer_facts
    on customer_facts.payload_id = changed.payload_id
