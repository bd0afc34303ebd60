{# Keys that the mart lacks and keys that it holds although `live`, a staging model, has no live row of them. #}
{% test same_keys_as_live(model, column_name, live) %}

with

expected as (
    select {{ column_name }} from {{ live }} where not is_deleted
),

mart as (
    select {{ column_name }} from {{ model }}
)

select
    expected.{{ column_name }} as missing_key,
    mart.{{ column_name }} as surplus_key
from expected
full outer join mart
    on mart.{{ column_name }} = expected.{{ column_name }}
where
    expected.{{ column_name }} is null
    or mart.{{ column_name }} is null

{% endtest %}
