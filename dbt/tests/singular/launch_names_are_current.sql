-- Launches whose rocket or site is called otherwise now: a new name that did not reach the mart.
select
    mart.launch_id,
    mart.rocket_name,
    rockets.name as current_rocket_name,
    mart.launch_site_name,
    launchpads.name as current_launch_site_name
from {{ ref('spacex_launches') }} as mart
left join {{ ref('src_spacex_rockets') }} as rockets
    on rockets.rocket_id = mart.rocket_id
    and not rockets.is_deleted
left join {{ ref('src_spacex_launchpads') }} as launchpads
    on launchpads.launchpad_id = mart.launchpad_id
    and not launchpads.is_deleted
where
    coalesce(mart.rocket_name, '') <> coalesce(rockets.name, '')
    or coalesce(mart.launch_site_name, '') <> coalesce(launchpads.name, '')
