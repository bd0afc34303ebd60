{# Ids of the column that no live row of `to` has. Nulls are no links. `to` is a staging model of a collection. #}
{% test link_resolves(model, column_name, to, field) %}

with

child as (
    select {{ column_name }} as link from {{ model }}
),

parent as (
    select {{ field }} as parent_key from {{ to }} where not is_deleted
)

select child.link
from child
left join parent
    on parent.parent_key = child.link
where
    child.link is not null
    and parent.parent_key is null

{% endtest %}
