/** What notes changes in the database itself: the statements that make it, what of it is missing, and how it goes. */
import { ConnectorError, type Capture, type Finding, type Statement } from '../../connector/index.ts'
import { dialectOf, rowsOf, run, type DatabaseApi } from './api.ts'
import type { DatabaseConfig } from './config.ts'
import { literal, quoted, tableName, valuesFor } from './dialect.ts'
import { textIn } from './rows.ts'
import { tablesOf, type Table } from './table.ts'

export const capture: Capture<DatabaseConfig, DatabaseApi> = {
  install: (config) => (isSqlite(config) ? sqliteInstall(config) : postgresInstall(config)),
  remove: (config) => (isSqlite(config) ? sqliteRemove(config) : postgresRemove(config)),
  async check(api) {
    const found = await (isSqlite(api.config) ? sqliteCheck(api) : postgresCheck(api))
    return found.length > 0 || !(await isOfAnother(api)) ? found : [ofAnother(api)]
  },
  async carry(api, statements) {
    await run(
      api,
      statements.map((text): Statement => ({ text, values: [] })),
    )
  },
}

/**
 * What is noted is for one installation: another one would drop what this one has not read, and take it away with its own
 * `remove`. The first that reads it has it; to install again gives it free.
 */
export async function take(api: DatabaseApi): Promise<void> {
  const { installation } = api.runtime
  if (installation === undefined) return
  const { state } = api.dialect.noted(api.config.captureSchema)
  const values = valuesFor(api.dialect.words)
  const text = `UPDATE ${state} SET installation = ${values.add(installation)} WHERE installation IS NULL`
  await run(api, [{ text, values: values.list }])
  if (await isOfAnother(api))
    throw new ConnectorError('rejected', `${ofAnother(api).message}; "lockstep check" says how to go on`)
}

async function isOfAnother(api: DatabaseApi): Promise<boolean> {
  const { state } = api.dialect.noted(api.config.captureSchema)
  const [row] = await rowsOf(api, { text: `SELECT installation FROM ${state}`, values: [] })
  const installation = row === undefined ? null : textIn(row, 'installation')
  const own = api.runtime.installation
  return own !== undefined && installation !== null && installation !== own
}

function ofAnother({ config }: DatabaseApi): Finding {
  return {
    message: `what is noted in ${config.captureSchema} is for another installation of Lockstep, which works on this database as well`,
    remedy:
      'give this one its own: another name as `capture_schema` of <connection>, then lockstep capture install <connection>. Where the other one has ended, or is this one with a store that was lost, take its place: lockstep capture install <connection>',
  }
}

function isSqlite(config: DatabaseConfig): boolean {
  return dialectOf(config).words.name === 'sqlite'
}

/** Two kinds of one table share what notes its changes. */
function noted(config: DatabaseConfig): readonly Table[] {
  const all = tablesOf(config)
  return all.filter((table, at) => all.findIndex(({ name }) => name === table.name) === at)
}

function postgresInstall(config: DatabaseConfig): readonly string[] {
  const schema = quoted(config.captureSchema)
  const { change, made, state } = dialectOf(config).noted(config.captureSchema)
  const user = URL.canParse(config.url) ? decodeURIComponent(new URL(config.url).username) : ''
  const triggers = noted(config).flatMap((table) => {
    const name = tableName(table.name)
    const row = quoted(config.captureSchema)
    const whole = quoted(`${config.captureSchema}_truncate`)
    const given = [table.name, table.owner ?? '', ...table.key].map(literal).join(', ')
    return [
      `DROP TRIGGER IF EXISTS ${row} ON ${name}`,
      `CREATE TRIGGER ${row} AFTER INSERT OR UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${schema}.note(${given})`,
      `DROP TRIGGER IF EXISTS ${whole} ON ${name}`,
      `CREATE TRIGGER ${whole} AFTER TRUNCATE ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.note(${given})`,
    ]
  })
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE TABLE IF NOT EXISTS ${state} (one boolean PRIMARY KEY DEFAULT true CHECK (one), installed text NOT NULL, purged xid8 NOT NULL DEFAULT '0')`,
    `ALTER TABLE ${state} ADD COLUMN IF NOT EXISTS installation text`,
    `CREATE TABLE IF NOT EXISTS ${change} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), at timestamptz NOT NULL DEFAULT clock_timestamp(), relation text NOT NULL, what text NOT NULL, key jsonb, owner text)`,
    `CREATE INDEX IF NOT EXISTS change_tx ON ${change} (tx, id)`,
    `CREATE TABLE IF NOT EXISTS ${made} (key text PRIMARY KEY, relation text NOT NULL, row_key jsonb NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    `CREATE OR REPLACE FUNCTION ${schema}.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was jsonb; now jsonb; was_key jsonb; now_key jsonb; keys text[] := TG_ARGV[2:];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO ${change} (relation, what) VALUES (TG_ARGV[0], 'truncate');
  ELSE
    IF TG_OP <> 'INSERT' THEN
      was := to_jsonb(OLD);
      was_key := (SELECT jsonb_object_agg(k, was->k) FROM unnest(keys) k);
    END IF;
    IF TG_OP <> 'DELETE' THEN
      now := to_jsonb(NEW);
      now_key := (SELECT jsonb_object_agg(k, now->k) FROM unnest(keys) k);
    END IF;
    IF was IS NOT DISTINCT FROM now THEN RETURN NULL; END IF;
    IF was IS NOT NULL AND (now IS NULL OR was_key <> now_key OR was->>TG_ARGV[1] IS DISTINCT FROM now->>TG_ARGV[1]) THEN
      INSERT INTO ${change} (relation, what, key, owner) VALUES (TG_ARGV[0], lower(TG_OP), was_key, was->>TG_ARGV[1]);
    END IF;
    IF now IS NOT NULL THEN
      INSERT INTO ${change} (relation, what, key, owner) VALUES (TG_ARGV[0], lower(TG_OP), now_key, now->>TG_ARGV[1]);
    END IF;
  END IF;${config.notify ? `\n  PERFORM pg_notify(${literal(config.captureSchema)}, '');` : ''}
  RETURN NULL;
END $$`,
    ...triggers,
    `INSERT INTO ${state} (installed) VALUES (clock_timestamp()::text) ON CONFLICT (one) DO UPDATE SET installed = excluded.installed, installation = NULL`,
    ...(user === ''
      ? []
      : [
          `GRANT USAGE ON SCHEMA ${schema} TO ${quoted(user)}`,
          `GRANT SELECT, INSERT, UPDATE, DELETE ON ${state}, ${change}, ${made} TO ${quoted(user)}`,
        ]),
  ]
}

function postgresRemove(config: DatabaseConfig): readonly string[] {
  const row = quoted(config.captureSchema)
  const whole = quoted(`${config.captureSchema}_truncate`)
  return [
    ...noted(config).flatMap(({ name }) => [
      `DROP TRIGGER IF EXISTS ${row} ON ${tableName(name)}`,
      `DROP TRIGGER IF EXISTS ${whole} ON ${tableName(name)}`,
    ]),
    `DROP SCHEMA IF EXISTS ${quoted(config.captureSchema)} CASCADE`,
  ]
}

const INSTALL =
  'install it: lockstep capture install <connection>, or let a migration run what "lockstep capture print" shows'

async function postgresCheck(api: DatabaseApi): Promise<readonly Finding[]> {
  const { config } = api
  const values: string[] = []
  const bound = (value: string): string => `$${values.push(value)}`
  const schema = bound(config.captureSchema)
  const triggers = noted(config).map((table) => {
    const given = [table.name, table.owner ?? '', ...table.key].join('\0')
    return `SELECT ${bound(table.name)}::text AS name, to_regclass(${bound(tableName(table.name))}) IS NOT NULL AS there,
      (SELECT count(*) FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid WHERE g.tgrelid = to_regclass(${bound(tableName(table.name))})
        AND f.pronamespace = to_regnamespace(${schema}) AND f.proname = 'note' AND g.tgenabled IN ('O', 'A')
        AND encode(g.tgargs, 'hex') = ${bound(`${Buffer.from(given).toString('hex')}00`)}) AS triggers`
  })
  const state = `to_regclass(format('%I.state', ${schema}::text))`
  const text = `SELECT t.*, EXISTS (SELECT FROM pg_attribute WHERE attrelid = ${state} AND attname = 'installation') AS installed FROM (${triggers.join(' UNION ALL ')}) t`
  const rows = await rowsOf(api, { text, values })
  if (rows.some((row) => textIn(row, 'installed') !== 't'))
    return [
      {
        message: `nothing notes the changes of these tables: there is no schema ${config.captureSchema}, or one of an older version`,
        remedy: INSTALL,
      },
    ]
  return rows.flatMap((row) =>
    textIn(row, 'there') === 't' && textIn(row, 'triggers') !== '2' ? [missing(textIn(row, 'name') ?? '')] : [],
  )
}

function missing(name: string): Finding {
  return {
    message: `the triggers that note changes of ${name} are missing, or are not those that this configuration needs`,
    remedy: INSTALL,
  }
}

function sqliteTriggers(
  config: DatabaseConfig,
): readonly { readonly table: string; readonly name: string; readonly sql: string }[] {
  const { change } = dialectOf(config).noted(config.captureSchema)
  return noted(config).flatMap((table) => {
    const note = (row: 'OLD' | 'NEW', what: string): string => {
      const key = table.key.map((column) => `CAST(${row}.${quoted(column)} AS TEXT)`).join(', ')
      const owner = table.owner === null ? 'NULL' : `CAST(${row}.${quoted(table.owner)} AS TEXT)`
      return `INSERT INTO ${change} (relation, what, key, owner) SELECT ${literal(table.name)}, ${literal(what)}, json_array(${key}), ${owner}`
    }
    const identity = [...table.key, ...(table.owner === null ? [] : [table.owner])]
    const other = identity.map((column) => `OLD.${quoted(column)} IS NOT NEW.${quoted(column)}`).join(' OR ')
    const bodies = {
      insert: `${note('NEW', 'insert')};`,
      update: `${note('OLD', 'update')} WHERE ${other}; ${note('NEW', 'update')};`,
      delete: `${note('OLD', 'delete')};`,
    }
    return Object.entries(bodies).map(([what, body]) => {
      const name = `${config.captureSchema}_${table.name}_${what}`
      const sql = `CREATE TRIGGER ${quoted(name)} AFTER ${what.toUpperCase()} ON ${tableName(table.name)} BEGIN ${body} END`
      return { table: table.name, name, sql }
    })
  })
}

function sqliteInstall(config: DatabaseConfig): readonly string[] {
  const { change, made, state } = dialectOf(config).noted(config.captureSchema)
  const at = `at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`
  return [
    `DROP TABLE IF EXISTS ${state}`,
    `CREATE TABLE ${state} (one INTEGER PRIMARY KEY CHECK (one = 1), installed TEXT NOT NULL, purged INTEGER NOT NULL DEFAULT 0, installation TEXT)`,
    `CREATE TABLE IF NOT EXISTS ${change} (id INTEGER PRIMARY KEY, ${at}, relation TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, owner TEXT)`,
    `CREATE TABLE IF NOT EXISTS ${made} (key TEXT PRIMARY KEY, relation TEXT NOT NULL, row_key TEXT NOT NULL, ${at}) WITHOUT ROWID`,
    ...sqliteTriggers(config).flatMap(({ name, sql }) => [`DROP TRIGGER IF EXISTS ${quoted(name)}`, sql]),
    `INSERT INTO ${state} (one, installed) VALUES (1, lower(hex(randomblob(8))))`,
  ]
}

function sqliteRemove(config: DatabaseConfig): readonly string[] {
  const { change, made, state } = dialectOf(config).noted(config.captureSchema)
  return [
    ...sqliteTriggers(config).map(({ name }) => `DROP TRIGGER IF EXISTS ${quoted(name)}`),
    ...[change, made, state].map((name) => `DROP TABLE IF EXISTS ${name}`),
  ]
}

async function sqliteCheck(api: DatabaseApi): Promise<readonly Finding[]> {
  const { config } = api
  const rows = await rowsOf(api, {
    text: `SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')`,
    values: [],
  })
  const known = new Map(rows.map((row) => [textIn(row, 'name') ?? '', textIn(row, 'sql') ?? '']))
  if (known.get(`${config.captureSchema}_state`)?.includes('installation') !== true)
    return [{ message: 'nothing notes the changes of these tables', remedy: INSTALL }]
  const wrong = sqliteTriggers(config).filter(({ table, name, sql }) => known.has(table) && known.get(name) !== sql)
  return [...new Set(wrong.map(({ table }) => table))].map(missing)
}
