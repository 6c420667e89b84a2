import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFolders } from '../../../src/adapters/blobs.ts'
import { createHttp } from '../../../src/adapters/http.ts'
import { databaseConfig } from '../../../src/connectors/database/config.ts'
import { database } from '../../../src/connectors/database/index.ts'
import { inPieces } from '../../../src/testing/memory-blobs.ts'
import { shown } from '../../engine/table-files.ts'
import type { Ends } from '../../postgres.ts'
import { benchOf, schemaOf, TABLES, type Bench } from './bills.ts'
import { DATABASES, type Application } from './databases.ts'
import { ledgerOf } from './flow.ts'
import { storageOn } from './storage.ts'

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function folderOf(t: Ends): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-kept-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Bills with a column of papers. */
function withPapers(application: Application, files: unknown): Parameters<typeof benchOf>[1] {
  const { bill } = TABLES
  const column = application.dialect === 'postgres' ? 'papers jsonb' : 'papers TEXT'
  return {
    folders: createFolders(),
    schema: [...schemaOf(application), `ALTER TABLE bills ADD COLUMN ${column}`],
    config: {
      files,
      tables: { ...TABLES, bill: { ...bill, columns: { ...bill.columns, papers: { type: 'file', many: 'list' } } } },
    },
  }
}

async function sent(bench: Bench, name: string, text: string): Promise<unknown> {
  const { upload } = database.files ?? {}
  const bytes = Buffer.from(text)
  return await upload?.(bench.call(), {
    key: 'k',
    kind: 'bill',
    name,
    type: 'text/plain',
    size: bytes.length,
    digest: digestOf(text),
    bytes: () => inPieces(bytes),
  })
}

async function opened(bench: Bench, digest: string): Promise<string> {
  const { open } = database.files ?? {}
  const file = { ref: 'r', name: 'one.txt', digest }
  const pieces: Uint8Array[] = []
  for await (const piece of (await open?.(bench.call(), { kind: 'bill', scope: '17', ref: '1', file })) ?? [])
    pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

for (const { name, make } of DATABASES) {
  // Seen red: with a lens that hands files on as values.
  test(`F47 ${name}: what an item holds as files is kept for good, under its digest, and its row says what each is`, async (t) => {
    const folder = join(folderOf(t), 'papers')
    const application = await make(t)
    const ledger = await ledgerOf(application, withPapers(application, { folder }))
    const { far } = ledger
    const one = far.files.add('one.txt', 'first')
    const ref = far.add('bill', { title: 'tea', amount: '1', papers: [one, far.files.add('two.txt', 'second')] })
    await ledger.sync()
    const papers = (): unknown =>
      JSON.parse(String(application.run('SELECT CAST(papers AS TEXT) AS papers FROM bills')[0]?.['papers']))
    const told = (file: string, text: string): unknown => ({
      ref: `${digestOf(text)}/${file}`,
      name: file,
      type: 'application/octet-stream',
      size: text.length,
      digest: digestOf(text),
    })
    assert.deepEqual(papers(), [told('one.txt', 'first'), told('two.txt', 'second')])
    assert.equal(readFileSync(join(folder, digestOf('second')), 'utf8'), 'second')
    // What is taken away is told so in the row; its bytes stay. The empty file is the check's.
    far.set('bill', ref, { papers: [one] })
    await ledger.sync()
    assert.deepEqual(papers(), [told('one.txt', 'first')])
    assert.deepEqual(readdirSync(folder).toSorted(), [digestOf(''), digestOf('first'), digestOf('second')].toSorted())
    // And back: a file that an application put there travels too.
    writeFileSync(join(folder, digestOf('third')), 'third')
    application.run(
      'UPDATE bills SET papers = $1',
      JSON.stringify([told('one.txt', 'first'), told('three.txt', 'third')]),
    )
    await ledger.sync()
    assert.deepEqual(shown(far, 'bill', 'papers'), [['one.txt: first', 'three.txt: third']])
    assert.deepEqual(await ledger.store.heldList({ flow: null }), [])
  })

  // Seen red: with a column that is read as any document.
  test(`${name}: a column of files in which something else stands is told of its row alone`, async (t) => {
    const application = await make(t)
    const bench = await benchOf(application, withPapers(application, { folder: folderOf(t) }))
    application.run(`INSERT INTO bills (id, user_id, title, papers) VALUES (1, 17, 'odd', '[{"name": "no ref"}]')`)
    application.run(`INSERT INTO bills (id, user_id, title, papers) VALUES (2, 17, 'fine', '[]')`)
    const listed = await bench.list('17')
    assert.deepEqual(
      listed.filter(({ ref }) => ref !== '17').map((change) => [change.ref, 'unread' in change]),
      [
        ['1', true],
        ['2', false],
      ],
    )
  })
}

const [{ make: makeSqlite } = { make: undefined }] = DATABASES.filter(({ name }) => name === 'SQLite')

async function bucketOf(t: Ends, secret: string): Promise<{ bench: Bench; kept: ReadonlyMap<string, Buffer> }> {
  assert.ok(makeSqlite)
  const storage = await storageOn(t, { key: 'KEY', secret: 'the secret' })
  const application = await makeSqlite(t)
  const files = { endpoint: storage.url, bucket: 'papers', region: 'eu-central-1', prefix: 'kept/' }
  const { config, ...rest } = withPapers(application, files) ?? {}
  const http = createHttp(() => undefined)
  const bench = await benchOf(application, {
    ...rest,
    http,
    config: { ...config, filesKey: 'KEY', filesSecret: secret },
  })
  return { bench, kept: storage.kept }
}

// Seen red: with a digest that is not that of the bytes, and with a signature for another region.
test('a bucket keeps files under their digests, in requests whose signatures hold', async (t) => {
  const { bench, kept } = await bucketOf(t, 'the secret')
  await sent(bench, 'one.txt', 'first')
  await sent(bench, 'the same.txt', 'first')
  assert.deepEqual([...kept.keys()], [`/papers/kept/${digestOf('first')}`])
  assert.equal(await opened(bench, digestOf('first')), 'first')
  await assert.rejects(opened(bench, digestOf('second')), { failure: 'missing' })
  assert.deepEqual((await database.probe(bench.api)).problems, [])
})

test('a bucket that refuses the key makes files wait, is no trouble of the database, and is found by a check', async (t) => {
  const { bench } = await bucketOf(t, 'another secret')
  await assert.rejects(sent(bench, 'one.txt', 'first'), { failure: 'unavailable', message: /SignatureDoesNotMatch/ })
  const [problem] = (await database.probe(bench.api)).problems
  assert.match(problem?.message ?? '', /SignatureDoesNotMatch/)
  assert.match(problem?.remedy ?? '', /files/)
})

test('a folder that cannot be written to is found by a check', async (t) => {
  assert.ok(makeSqlite)
  const path = join(folderOf(t), 'a file')
  writeFileSync(path, '')
  const application = await makeSqlite(t)
  const bench = await benchOf(application, withPapers(application, { folder: join(path, 'below it') }))
  const [problem] = (await database.probe(bench.api)).problems
  assert.match(problem?.message ?? '', /ENOTDIR/)
})

test('columns of files need a place, and a bucket its key', () => {
  const tables = { bill: { key: 'id', columns: { papers: 'file' } } }
  const messagesOf = (more: object): readonly string[] =>
    (databaseConfig.safeParse({ url: 'sqlite:/x.db', tables, ...more }).error?.issues ?? []).map(
      ({ message }) => message,
    )
  assert.match(messagesOf({}).join(), /where the bytes are kept/)
  assert.match(messagesOf({ files: { endpoint: 'https://s3.test', bucket: 'papers' } }).join(), /files_key/)
  assert.deepEqual(messagesOf({ files: { folder: '/papers' } }), [])
})
