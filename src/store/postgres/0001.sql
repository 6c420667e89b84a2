-- What SQLite has and PostgreSQL has not, as far as the verbs use it. JSON is text here as there.

-- Text in PostgreSQL holds no character 0, and its escape cannot be read out of JSON: U+FFFD stands for it, as in every text
-- that is handed in. An index may be counted without this schema in its path, so that each names what it calls in full.

CREATE FUNCTION json_each(document text) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE STRICT
  AS $$ SELECT pg_catalog.json_array_elements_text(CASE pg_catalog.strpos(document, '\u0000') WHEN 0 THEN document
    ELSE pg_catalog.regexp_replace(document, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END::json) $$;

CREATE FUNCTION json_field(document text, field text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
  AS $$ BEGIN
    IF pg_catalog.strpos(document, '\u0000') = 0 THEN RETURN document::json OPERATOR(pg_catalog.->>) field; END IF;
    RETURN pg_catalog.regexp_replace(document, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')::json OPERATOR(pg_catalog.->>) field;
  END $$;
CREATE OPERATOR ->> (LEFTARG = text, RIGHTARG = text, FUNCTION = json_field);

-- Of paths like '$.a.b' alone.
CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
  AS $$ DECLARE
    steps text[] := pg_catalog.string_to_array(pg_catalog.substr(path, 3), '.');
  BEGIN
    IF pg_catalog.strpos(document, '\u0000') = 0 THEN RETURN document::json OPERATOR(pg_catalog.#>>) steps; END IF;
    RETURN pg_catalog.regexp_replace(document, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')::json OPERATOR(pg_catalog.#>>) steps;
  END $$;

-- Of two integers; null where either is.
CREATE FUNCTION min(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT least($1, $2) $$;
CREATE FUNCTION max(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT greatest($1, $2) $$;
