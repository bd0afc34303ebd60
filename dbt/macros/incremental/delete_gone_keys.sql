{#
    Takes those rows out of a mart whose key is not live in staging any more: a merge only inserts and updates. It is
    the post-hook of every mart and runs in the same transaction as the merge where the target has one.
#}
{% macro delete_gone_keys(key, live) -%}
    delete from {{ this }}
    where {{ key }} not in (
        select {{ key }} from {{ live }} where not is_deleted
    )
{%- endmacro %}
