select
    -- ids
    id as company_id,

    -- values
    name,
    founder,
    founded,
    employees,
    vehicles,
    launch_sites,
    test_sites,
    ceo,
    cto,
    coo,
    cto_propulsion,
    valuation,
    headquarters_address,
    headquarters_city,
    headquarters_state,
    links_website,
    links_flickr,
    links_twitter,
    links_elon_twitter,
    summary,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('company') }}
