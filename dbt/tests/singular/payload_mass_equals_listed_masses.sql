-- Launches whose payload mass is not the sum over the payloads that they list now: a change that did not reach the mart.
with

listed as (
    select
        launch_payloads.launch_id,
        sum(payloads.mass_kg) as mass_kg
    from {{ ref('src_spacex_launches__payloads') }} as launch_payloads
    inner join {{ ref('src_spacex_payloads') }} as payloads
        on payloads.payload_id = launch_payloads.payload_id
    where not payloads.is_deleted
    group by launch_payloads.launch_id
)

select
    mart.launch_id,
    mart.payload_mass_kg,
    listed.mass_kg
from {{ ref('spacex_launches') }} as mart
left join listed
    on listed.launch_id = mart.launch_id
where abs(coalesce(mart.payload_mass_kg, -1) - coalesce(listed.mass_kg, -1)) > 0.001
