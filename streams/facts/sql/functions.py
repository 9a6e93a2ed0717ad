"""Functions that state no effect, by engine: pure ones, of the built-in kind, on a list."""

from typing import Final

from streams.facts.names import words

_SHARED: Final = words(
    "abs ceil ceiling floor round trunc sign sqrt exp ln log log10 pow power mod pi degrees"
    " radians sin cos tan asin acos atan atan2 coalesce nullif lower upper length trim ltrim"
    " rtrim replace substr substring concat concat_ws count sum avg min max total row_number"
    " rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value"
    " random"
)

POSTGRES: Final = _SHARED | words(
    "cbrt div gcd lcm width_bucket greatest least ascii chr initcap left right lpad rpad repeat"
    " reverse split_part strpos position starts_with translate btrim char_length"
    " character_length octet_length bit_length overlay regexp_replace regexp_match"
    " regexp_matches regexp_count regexp_like regexp_substr regexp_instr regexp_split_to_array"
    " regexp_split_to_table format to_char to_date to_number to_timestamp date_part date_trunc"
    " date_bin extract age make_date make_time make_timestamp make_timestamptz make_interval"
    " justify_days justify_hours justify_interval now timezone isfinite clock_timestamp"
    " statement_timestamp transaction_timestamp timeofday array_agg string_agg bool_and bool_or"
    " every bit_and bit_or stddev stddev_pop stddev_samp variance var_pop var_samp corr"
    " covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count percentile_cont"
    " percentile_disc mode array_length array_position array_to_string string_to_array"
    " array_append array_cat array_remove array_upper array_lower cardinality unnest"
    " generate_series generate_subscripts md5 sha256 sha512 encode decode json_agg jsonb_agg"
    " json_build_object jsonb_build_object json_object_agg jsonb_object_agg json_array_length"
    " jsonb_array_length json_array_elements jsonb_array_elements json_array_elements_text"
    " jsonb_array_elements_text json_extract_path json_extract_path_text jsonb_extract_path"
    " jsonb_extract_path_text json_typeof jsonb_typeof jsonb_path_exists to_json to_jsonb"
    " row_to_json json_object_keys jsonb_object_keys grouping gen_random_uuid num_nulls"
    " num_nonnulls lower_inc upper_inc isempty to_tsvector to_tsquery plainto_tsquery ts_rank"
    " similarity current_database version quote_literal quote_ident date_add date_subtract"
    " any_value overlaps like_escape is_normalized normalize"
)

SQLITE: Final = _SHARED | words(
    "changes char concat format glob hex ifnull iif if instr last_insert_rowid like likelihood"
    " likely unlikely nullif printf quote octet_length soundex typeof unhex unicode unistr date"
    " time datetime julianday strftime timediff unixepoch current_date current_time"
    " current_timestamp group_concat string_agg json json_array json_array_length json_extract"
    " json_group_array json_group_object json_object json_type json_valid json_quote json_pretty"
    " -> ->> acosh asinh atanh cosh sinh tanh log2 subtype median percentile percentile_cont"
    " percentile_disc sqlite_version regexp match"
)
