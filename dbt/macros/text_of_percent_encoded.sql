{#- The text of a part of a URL's query: + is a blank, %XX a byte of UTF-8. What is no such text
    (bytes of another encoding, or U+0000, which PostgreSQL cannot hold) stays as it is. -#}
{% macro text_of_percent_encoded(part) %}
(
    select
        case
            when {{ part }} is null then null
            when encode(bytes, 'hex') ~ (
                '^(0[1-9a-f]|[1-7][0-9a-f]|(c[2-9a-f]|d[0-9a-f])[89ab][0-9a-f]'
                || '|(e0[ab][0-9a-f]|(e[1-9a-cef])[89ab][0-9a-f]|ed[89][0-9a-f])[89ab][0-9a-f]'
                || '|(f0[9ab][0-9a-f]|f[123][89ab][0-9a-f]|f48[0-9a-f])([89ab][0-9a-f]){2})*$'
            ) then convert_from(bytes, 'UTF8')
            else {{ part }}
        end
    from (
        select
            coalesce(
                string_agg(
                    case
                        when piece[1] ~ '^%..$' then decode(substr(piece[1], 2), 'hex')
                        else convert_to(replace(piece[1], '+', ' '), 'UTF8')
                    end,
                    ''::bytea
                    order by place
                ),
                ''::bytea
            ) as bytes
        from regexp_matches({{ part }}, '%[0-9A-Fa-f]{2}|[^%]+|%', 'g')
            with ordinality as found (piece, place)
    ) as decoded
)
{% endmacro %}
