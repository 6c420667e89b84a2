/** Attachments of mails, kept beside the documented tables. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createFolders } from '../../src/adapters/blobs.ts'
import { DATABASES, type Make } from '../connectors/database/databases.ts'
import { MAILBOX } from './ingest-systems.ts'
import { FLOWS, warehouseOf, type Warehouse, type WarehouseOptions } from './warehouse.ts'

const MINUTE = 60_000

interface Kept {
  readonly world: Warehouse
  /** What the rows say of the files of mails that are there, by name; the text is that of the file on the disk. */
  contents(): { readonly [name: string]: string | null }
  /** The files on the disk. */
  files(): readonly string[]
  mail(subject: string, files: { readonly [name: string]: string }): void
}

async function keeping(t: TestContext, make: Make, options: WarehouseOptions = {}): Promise<Kept> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-attachments-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const world = await warehouseOf(await make(t), {
    flows: { mail: FLOWS.mail },
    folders: createFolders(),
    warehouse: { files: { folder } },
    ...options,
  })
  const files = (): readonly string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
  return {
    world,
    files,
    contents() {
      const rows = world.rows(
        'SELECT name, size, CAST(content AS text) AS content FROM attachments WHERE deleted_at IS NULL',
      )
      return Object.fromEntries(
        rows.map(({ name, size, content }) => {
          if (content === null) return [String(name), null]
          const told = JSON.parse(String(content))
          const path = files().find((each) => each.includes(told.digest))
          const text = path === undefined ? 'nothing' : readFileSync(path, 'utf8')
          assert.equal(createHash('sha256').update(text).digest('hex'), told.digest)
          assert.deepEqual([Number(size), told.size, told.name], [text.length, text.length, name])
          return [String(name), text]
        }),
      )
    },
    mail: (subject, given) =>
      void world.missive.receive(MAILBOX, {
        from: { name: 'Dee Roe', address: 'dee@client.test' },
        subject,
        body: 'see below',
        attachments: Object.entries(given).map(([filename, text]) => ({ filename, bytes: Buffer.from(text) })),
      }),
  }
}

const downloads = ({ calls }: Warehouse): number => calls.filter(({ path }) => path.startsWith('/attachments/')).length

for (const { name, make } of DATABASES) {
  // Seen red: where no lens carries the file.
  test(`F47 the attachments of mails are kept in a folder under their digest, each sent once, and rows name them (${name})`, async (t) => {
    const { world, contents, files, mail } = await keeping(t, make)
    mail('Plans', { 'plan.txt': 'the plan', 'again.txt': 'the plan', 'empty.txt': '' })
    await world.sync()
    mail('More', { 'more.pdf': 'and more' })
    await world.run(5 * MINUTE)
    const all = { 'plan.txt': 'the plan', 'again.txt': 'the plan', 'empty.txt': '', 'more.pdf': 'and more' }
    assert.deepEqual(contents(), all)
    assert.equal(files().length, 3, 'what is the same is kept once')
    assert.equal(downloads(world), 4)
    await world.run(15 * MINUTE)
    assert.equal(downloads(world), 4, 'no poll fetches anything again')
    assert.deepEqual(contents(), all)
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
  })

  // Seen red: where the address of the first read is kept.
  test(`F47 bytes that could not be fetched before their address expired are fetched by a new one (${name})`, async (t) => {
    let isBroken = true
    const answers: string[] = []
    const { world, contents, mail } = await keeping(t, make, {
      organization: { attachmentUrlSeconds: 60 },
      fault: ({ path }) =>
        isBroken && path.startsWith('/attachments/') ? { kind: 'answer-before', status: 503, body: 'busy' } : null,
      seen: ({ path, query }) => {
        if (path.startsWith('/attachments/')) answers.push(query.get('Expires') ?? '')
      },
    })
    mail('Plans', { 'plan.txt': 'the plan' })
    await world.sync().catch(() => undefined)
    await world.run(8 * MINUTE)
    assert.notDeepEqual(contents(), { 'plan.txt': 'the plan' })
    assert.ok(answers.length > 3)
    isBroken = false
    await world.run(20 * MINUTE)
    assert.deepEqual(contents(), { 'plan.txt': 'the plan' })
    const [first, last] = [Number(answers[0]), Number(answers.at(-1))]
    assert.ok(last > first + 60, 'by an address that was told after the first one had expired')
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
  })
}
