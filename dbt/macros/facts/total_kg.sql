{# Sum of masses, to the gram: the last digits of a floating-point sum depend on the order in which rows come, and the
   same input must give the same row. Null if no mass is known. #}
{% macro total_kg(mass_kg) -%}
    round(sum({{ mass_kg }}), 3)
{%- endmacro %}
