import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { backupsOf } from '../../src/store/sqlite/backup.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import type { OpenOptions } from '../../src/store/sqlite/database.ts'
import { folder, migrations } from './folder.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)

/** A store that can be opened with one list of migrations after another. */
function setUp(t: TestContext) {
  const at = folder(t)
  const path = join(at, 'store.db')
  let last = 0
  const open = (sqls: readonly string[], options: Partial<OpenOptions> = {}) => {
    const scripts = join(at, `migrations-${++last}`)
    mkdirSync(scripts)
    for (const [i, sql] of sqls.entries()) writeFileSync(join(scripts, `${String(i + 1).padStart(4, '0')}.sql`), sql)
    return openDatabase({ path, migrations: scripts, now, ...options })
  }
  return { at, path, open }
}

const first = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);'
const second = 'ALTER TABLE notes ADD COLUMN author TEXT;'

const pragma = (db: DatabaseSync, name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
const columns = (db: DatabaseSync) =>
  db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all('notes')
    .map((row) => row['name'])

test('a new store is made durable, private and migrated, without a backup', (t) => {
  const { path, open } = setUp(t)
  const { db, migrated, backup } = open([first, second])
  assert.equal(migrated, 2)
  assert.equal(backup, null)
  assert.deepEqual(
    ['journal_mode', 'synchronous', 'foreign_keys', 'temp_store', 'busy_timeout'].map((name) => pragma(db, name)),
    ['wal', 2, 1, 2, 5000],
  )
  assert.deepEqual(columns(db), ['id', 'text', 'author'])
  db.exec("INSERT INTO notes (text) VALUES ('a')")
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o777, 0o600, file)
  db.close()
})

test('a store in memory is migrated as well', () => {
  const { db, migrated } = openDatabase({ path: ':memory:', migrations, now })
  assert.equal(migrated, 1)
  assert.equal(db.prepare('SELECT count(*) AS n FROM notes').get()?.['n'], 0)
  db.close()
})

test('opening again runs nothing', (t) => {
  const { open, path } = setUp(t)
  open([first]).db.close()
  const { db, migrated, backup } = open([first])
  assert.deepEqual({ migrated, backup }, { migrated: 0, backup: null })
  assert.deepEqual(backupsOf(path), [])
  assert.deepEqual(
    { ...db.prepare('SELECT number, name, applied_at FROM migrations').get() },
    {
      number: 1,
      name: '0001',
      applied_at: now,
    },
  )
  db.close()
})

test('line endings of another platform are the same migration', (t) => {
  const { open } = setUp(t)
  open([`${first}\n-- end\n`]).db.close()
  open([`${first}\r\n-- end\r\n`]).db.close()
})

test('a store with rows is copied before it is migrated, and the copy holds them', (t) => {
  const { path, open } = setUp(t)
  const old = open([first])
  old.db.exec("INSERT INTO notes (text) VALUES ('precious')")
  old.db.close()
  const { db, backup } = open([first, second])
  db.close()
  assert.equal(backup, `${path}.backup-20260102T030405Z-schema-0001`)
  assert.equal(statSync(backup).mode & 0o777, 0o600)
  const copy = new DatabaseSync(backup, { readOnly: true })
  assert.deepEqual(columns(copy), ['id', 'text'])
  assert.equal(copy.prepare('SELECT text FROM notes').get()?.['text'], 'precious')
  copy.close()
})

test('the backup put in the place of the store is opened and migrated again', (t) => {
  const { path, open } = setUp(t)
  open([first]).db.close()
  const { db, backup } = open([first, second])
  db.close()
  assert(backup !== null)
  copyFileSync(backup, path)
  const again = open([first, second], { now: now + 1000 })
  assert.equal(again.migrated, 1)
  again.db.close()
})

/** Opened so often, each time a second later and with one script more; answers the scripts of the next time. */
function migratedOften(open: ReturnType<typeof setUp>['open'], times: number): readonly string[] {
  const scripts = [first]
  for (let i = 0; i < times; i++) {
    open(scripts, { now: now + i * 1000 }).db.close()
    scripts.push(`CREATE TABLE extra_${i} (id INTEGER PRIMARY KEY);`)
  }
  return scripts
}

test('the last three backups are kept', (t) => {
  const { path, open } = setUp(t)
  migratedOften(open, 6)
  assert.deepEqual(
    backupsOf(path).map((file) => file.slice(path.length)),
    [8, 9, 10].map((at) => `.backup-20260102T0304${String(at).padStart(2, '0')}Z-schema-000${at - 5}`),
  )
  assert(!readdirSync(join(path, '..')).some((file) => file.endsWith('.part')))
})

// Seen red: when the three with the latest names are kept.
test('the backup of this migration is kept where the clock was set back and others seem newer', (t) => {
  const { path, open } = setUp(t)
  const scripts = migratedOften(open, 4)
  const { db, backup } = open(scripts, { now: now - 1000 })
  db.close()
  assert.equal(backup, `${path}.backup-20260102T030404Z-schema-0004`)
  assert.deepEqual(
    backupsOf(path).map((file) => file.slice(path.length + '.backup-20260102T0304'.length)),
    ['04Z-schema-0004', '07Z-schema-0002', '08Z-schema-0003'],
  )
})

test('a newer store is refused and left as it was', (t) => {
  const { path, open } = setUp(t)
  open([first, second]).db.close()
  const before = readFileSync(path)
  assert.throws(() => open([first]), { name: 'StoreError', code: 'store-newer', remedy: /backup/ })
  assert.deepEqual(readFileSync(path), before)
})

test('a store of an edited migration is refused', (t) => {
  const { open } = setUp(t)
  open([first]).db.close()
  assert.throws(() => open([`${first} `, second]), { code: 'store-changed' })
})

test('a failing migration leaves the store and all of its old schema as they were', (t) => {
  const { open } = setUp(t)
  open([first]).db.close()
  assert.throws(() => open([first, second, 'CREATE TABLE notes (id);']), {
    code: 'store-migration',
    message: /already exists/,
  })
  const { db, migrated } = open([first])
  assert.equal(migrated, 0)
  assert.deepEqual(columns(db), ['id', 'text'])
  db.close()
})

test('a migration cannot end its transaction and cannot leave references dangling', (t) => {
  assert.throws(() => setUp(t).open([`${first} COMMIT;`]), { code: 'store-migration', message: /ends the transaction/ })
  const dangling = 'CREATE TABLE replies (note INTEGER REFERENCES notes (id)); INSERT INTO replies VALUES (9);'
  assert.throws(() => setUp(t).open([first, dangling]), { code: 'store-migration', message: /replies dangling/ })
})

test('a migration may rebuild a table that others refer to', (t) => {
  const { open } = setUp(t)
  const replies = 'CREATE TABLE replies (note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE);'
  const rows = "INSERT INTO notes VALUES (1, 'a'); INSERT INTO replies VALUES (1);"
  const rebuild = `CREATE TABLE notes_new (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    INSERT INTO notes_new SELECT * FROM notes; DROP TABLE notes; ALTER TABLE notes_new RENAME TO notes;`
  const { db } = open([first, replies, rows, rebuild])
  assert.equal(db.prepare('SELECT count(*) AS n FROM replies').get()?.['n'], 1)
  assert.throws(() => db.exec('INSERT INTO replies VALUES (7)'), /FOREIGN KEY/)
  db.close()
})

test('a folder of migrations with a gap or a strange name is a mistake of the program', (t) => {
  for (const name of ['0002.sql', '1.sql', '0001_x.sql']) {
    const at = folder(t)
    writeFileSync(join(at, name), first)
    assert.throws(() => openDatabase({ path: ':memory:', migrations: at, now }), /missing, doubled or misnamed/)
  }
})

test('a file that is not a database is refused as corrupt and left as it was', (t) => {
  const { path, open } = setUp(t)
  for (const bytes of [Buffer.from('hello'), Buffer.alloc(8192, 'not a database ')]) {
    writeFileSync(path, bytes)
    assert.throws(() => open([first]), { code: 'store-corrupt', remedy: /backup/ })
    assert.deepEqual(readFileSync(path), bytes)
  }
})

test('damage in the middle of the file is found when it is opened', (t) => {
  const { path, open } = setUp(t)
  const { db } = open([first])
  db.exec(`WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    INSERT INTO notes (text) SELECT hex(zeroblob(200)) FROM n`)
  db.close()
  const bytes = readFileSync(path)
  for (const damaged of [Buffer.from(bytes).fill(0xa5, 4096 * 5, 4096 * 7), bytes.subarray(0, 4096 * 6)]) {
    writeFileSync(path, damaged)
    assert.throws(() => open([first]), { code: 'store-corrupt' })
  }
})

test('the database of another program is refused and left as it was', (t) => {
  const { path, open } = setUp(t)
  const theirs = new DatabaseSync(path)
  theirs.exec('CREATE TABLE bookmarks (url TEXT)')
  theirs.close()
  const before = readFileSync(path)
  assert.throws(() => open([first]), { code: 'store-foreign' })
  assert.deepEqual(readFileSync(path), before)
})

test('a folder that is not there is told apart, and nothing is made', (t) => {
  const { at, open } = setUp(t)
  assert.throws(() => open([first], { path: join(at, 'nowhere', 'store.db') }), { code: 'store-denied' })
  assert.equal(existsSync(join(at, 'nowhere')), false)
})

test('a store that another program is writing to is locked, not broken', (t) => {
  const { path, open } = setUp(t)
  open([first]).db.close()
  const shell = new DatabaseSync(path)
  shell.exec('BEGIN IMMEDIATE')
  assert.throws(() => open([first, second], { busyTimeoutMs: 0 }), { code: 'store-locked' })
  shell.close()
  open([first, second], { now: now + 1000 }).db.close()
})
