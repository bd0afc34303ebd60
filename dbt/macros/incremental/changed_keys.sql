{#
    The keys of a mart that must be built now, with the state of their inputs.

    `inputs` names a CTE with one line per key and input: the key column, `loaded_at` of the input and `input_rows`, the
    number of rows it stands for (1 for a row of staging, `source_rows` for a row of another mart).

    A key is built when the newest `loaded_at` or the number of its inputs is not what its row in the mart was built
    from. Every change of an input raises the newest `loaded_at`, because each load has a later one than all before it;
    an input that is gone without a change elsewhere lowers the number. Each row of the mart carries its own state, so
    there is no mark beside the mart that could be ahead of it or behind it.
#}
{% macro changed_keys(inputs, key) -%}
    select
        input_state.{{ key }},
        input_state.source_loaded_at,
        input_state.source_rows
    from (
        select
            {{ key }},
            max(loaded_at) as source_loaded_at,
            cast(sum(input_rows) as {{ logical_type('int64') }}) as source_rows
        from {{ inputs }}
        group by {{ key }}
    ) as input_state
    {%- if is_incremental() %}
    left join {{ this }} as built
        on built.{{ key }} = input_state.{{ key }}
    where
        built.{{ key }} is null
        or built.source_loaded_at <> input_state.source_loaded_at
        or built.source_rows <> input_state.source_rows
    {%- endif %}
{%- endmacro %}
