"""The function behind the triggers of `audit.history`."""

from django.db import migrations

FUNCTION = r"""
CREATE OR REPLACE FUNCTION audit_history() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  who text := NULLIF(current_setting('app.actor', true), '');
  office bigint := COALESCE(NULLIF(current_setting('app.low', true), '')::bigint, 0);
  key_column text := TG_ARGV[0];
  place text := CASE WHEN TG_ARGV[1] = '' THEN quote_literal(office) ELSE format('b.%I', TG_ARGV[1]) END;
  told text;
  differ text;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM before) THEN
    RETURN NULL;
  END IF;
  IF who IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = format('%s of %I names no actor', TG_OP, TG_TABLE_NAME);
  END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT string_agg(format('a.%1$I IS DISTINCT FROM b.%1$I', c), ' OR '),
           string_agg(format('%1$L, CASE WHEN a.%1$I IS DISTINCT FROM b.%1$I'
                             ' THEN jsonb_build_array(b.%1$I, a.%1$I) END', c), ', ')
      INTO differ, told FROM unnest(string_to_array(TG_ARGV[2], ',')) c;
    SELECT concat_ws(' OR ', differ, string_agg(format('a.%1$I IS DISTINCT FROM b.%1$I', split_part(c, '=', 2)), ' OR ')),
           concat_ws(', ', told, string_agg(format('%1$L, CASE WHEN a.%2$I IS DISTINCT FROM b.%2$I'
                             ' THEN to_jsonb(''changed''::text) END', split_part(c, '=', 1), split_part(c, '=', 2)), ', '))
      INTO differ, told FROM unnest(string_to_array(TG_ARGV[3], ',')) c;
    IF TG_ARGV[1] <> '' THEN
      place := format('a.%I', TG_ARGV[1]);
    END IF;
    EXECUTE format('INSERT INTO audit_change (at, actor, "table", key, action, place, changes)'
      ' SELECT now(), $1, $2, b.%1$I::text, ''update'', %2$s, jsonb_strip_nulls(jsonb_build_object(%3$s))'
      ' FROM before b JOIN after a USING (%1$I) WHERE %4$s', key_column, place, told, differ)
      USING who, TG_TABLE_NAME;
    EXECUTE format('INSERT INTO audit_change (at, actor, "table", key, action, place, changes)'
      ' SELECT now(), $1, $2, b.%1$I::text, ''rekey'', %2$s, ''{}'' FROM before b'
      ' WHERE NOT EXISTS (SELECT 1 FROM after a WHERE a.%1$I = b.%1$I)',
      key_column, replace(place, 'a.', 'b.')) USING who, TG_TABLE_NAME;
  ELSE
    SELECT string_agg(format('%1$L, b.%1$I', c), ', ')
      INTO told FROM unnest(string_to_array(TG_ARGV[2], ',')) c;
    EXECUTE format('INSERT INTO audit_change (at, actor, "table", key, action, place, changes)'
      ' SELECT now(), $1, $2, b.%1$I::text, ''delete'', %2$s, jsonb_strip_nulls(jsonb_build_object(%3$s))'
      ' FROM before b', key_column, place, told) USING who, TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END
$body$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION audit_history() CASCADE")]
