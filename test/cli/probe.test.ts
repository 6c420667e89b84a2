import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import type { WireRequest } from '../../src/emulators/emulator.ts'
import { DATABASES } from '../connectors/database/databases.ts'
import { done } from '../engine/views.ts'
import { assertSecretsKept, READY, SPACE, worldOf, type Ran, type World } from './world.ts'

/** The second of the categories. */
const SCRATCH = '3'
const CATEGORIES = { forum: { categories: [{ name: 'Team' }, { name: 'Scratch' }] } }
const SOMEBODYS = 'A text that somebody wrote into the scratch category'

const Report = z.object({
  actor: z.string(),
  done: z
    .object({
      made: z.number(),
      left: z.array(z.object({ ref: z.string().nullable(), why: z.string() })),
      stopped: z.boolean(),
    })
    .nullable(),
  checks: z.array(z.object({ id: z.string(), verdict: z.string().nullable(), seen: z.string() }).loose()),
})

function reportIn(ran: Ran): z.infer<typeof Report> {
  return Report.parse(JSON.parse(ran.out))
}

function verdictsOf({ checks }: z.infer<typeof Report>, verdict: string): string[] {
  return checks.filter((each) => each.verdict === verdict).map(({ id }) => id)
}

/** What people see in the forum. */
function living({ forum }: World): string[] {
  const state = forum.state()
  const topics = [...state.topics.values()].filter((topic) => !topic.definition && topic.deletedAt === null)
  return topics
    .flatMap((topic) => state.postsOf(topic.id))
    .filter((post) => post.deletedAt === null && !post.userDeleted)
    .map((post) => post.raw)
}

/** Somebody has a topic in the scratch category. */
function somebodyWrites({ forum }: World): void {
  const title = 'What somebody wrote here before'
  done(forum.as('cyd').topic({ title, raw: SOMEBODYS, category: Number(SCRATCH) }))
}

test('probe asks before it writes, tries what the connector relies on, and leaves nothing behind', async (t) => {
  const world = await worldOf(t, CATEGORIES)
  somebodyWrites(world)
  const asked = await world.run('probe', 'forum', '--scope', SCRATCH)
  assert.equal(asked.code, 3)
  assert.match(asked.out, /Nothing was written/)
  assert.match(asked.err, /in the category "Scratch" \(3\)/)
  assert.match(asked.err, /The list of categories names all of them/)
  assert.deepEqual(living(world), [SOMEBODYS])
  const ran = await world.run('probe', 'forum', '--scope', SCRATCH, '--yes', '--json')
  assert.equal(ran.code, 0, ran.err)
  assertSecretsKept(ran)
  const report = reportIn(ran)
  assert.equal(report.actor, 'sync_bot')
  assert.deepEqual(
    report.checks.slice(0, 2).map(({ id }) => id),
    ['containers', 'create: equal texts'],
    'what is not confirmed comes first',
  )
  assert.deepEqual(verdictsOf(report, 'not tried'), ['create: repeated', 'delete: last'])
  assert.equal(verdictsOf(report, 'as assumed').length, report.checks.length - 2)
  assert.deepEqual(report.done?.left, [])
  assert.ok(report.done.made > 40)
  assert.match(ran.err, /4 of \d+: a listing names everything/)
  assert.deepEqual(living(world), [SOMEBODYS])
})

// Seen red: with `lag` of the forum's posts declared as 2 seconds.
test('probe reports what differs, what it means and what was seen', async (t) => {
  const world = await worldOf(t, { forum: { ...CATEGORIES.forum, readLagMs: 300 } })
  const ran = await world.run('probe', 'forum', '--scope', SCRATCH, '--yes')
  assert.equal(ran.code, 1, ran.err)
  assert.match(ran.out, /read-lag +DIFFERS/)
  assert.match(ran.out, /DIFFERS {2}read-lag\n {2}assumed: reads show .*\n {2}seen: .*declared are 0\.0 s\n {2}means: /)
  assert.match(ran.out, /items made, all removed/)
  assert.deepEqual(living(world), [])
})

test('Ctrl-C ends a probe, and what it made is removed', async (t) => {
  const world = await worldOf(t, CATEGORIES)
  somebodyWrites(world)
  const running = world.start('probe', 'forum', '--scope', SCRATCH, '--yes', '--json')
  await running.says(/4 of \d+/)
  running.child.kill('SIGINT')
  const ran = await running.ended
  assert.equal(ran.code, 1, ran.err)
  const report = reportIn(ran)
  assert.equal(report.done?.stopped, true)
  assert.ok(report.done.made > 0)
  assert.deepEqual(report.done.left, [])
  assert.ok(report.checks.some(({ verdict }) => verdict === null))
  assert.deepEqual(living(world), [SOMEBODYS])
})

test('what a probe cannot remove is named, with the reason', async (t) => {
  const world = await worldOf(t, CATEGORIES)
  const body = Buffer.from('{"errors":["Nobody deletes anything here."]}')
  const refuse = (request: WireRequest) =>
    request.method === 'DELETE' ? { status: 403, headers: { 'content-type': 'application/json' }, body } : null
  world.meddle(null, refuse)
  const running = world.start('probe', 'forum', '--scope', SCRATCH, '--yes')
  await running.says(/3 of \d+/)
  running.child.kill('SIGINT')
  const ran = await running.ended
  assert.equal(ran.code, 1)
  assert.match(ran.out, /not removed\.\n {2}! topic http\S+\/t\/\d+: 403: Nobody deletes anything here\./)
})

test('a container that a flow reads is not tried, nor one that is not there, nor a connection that nobody knows', async (t) => {
  const world = await worldOf(t, CATEGORIES)
  const used = await world.run('probe', 'chat', '--scope', SPACE, '--yes')
  assert.equal(used.code, 2)
  assert.match(used.err, /The flow "team" reads spaces\/AAAATeam/)
  const absent = await world.run('probe', 'forum', '--scope', '77', '--yes')
  assert.equal(absent.code, 2)
  assert.match(absent.err, /The category 77 of forum is not there/)
  const unknown = await world.run('probe', 'form', '--scope', SCRATCH, '--yes')
  assert.equal(unknown.code, 2)
  assert.match(unknown.err, /Did you mean "forum"/)
})

test('a running service tries for the command; Ctrl-C of the command and the end of the service both leave nothing', async (t) => {
  const world = await worldOf(t, CATEGORIES)
  somebodyWrites(world)
  const service = world.start('run', '--yes')
  await service.says(READY)
  const stopped = world.start('probe', 'forum', '--scope', SCRATCH, '--yes', '--json')
  await stopped.says(/3 of \d+/)
  stopped.child.kill('SIGINT')
  assert.deepEqual(reportIn(await stopped.ended).done?.left, [])
  assert.deepEqual(living(world), [SOMEBODYS])
  const orphaned = world.start('probe', 'forum', '--scope', SCRATCH, '--yes', '--json')
  await orphaned.says(/3 of \d+/)
  orphaned.child.kill('SIGKILL')
  service.child.kill('SIGTERM')
  assert.equal((await service.ended).code, 0)
  assert.deepEqual(living(world), [SOMEBODYS])
})

// Seen red: where transactions do not go wrong, nothing is tried of lost answers; with texts alone no row can be made.
for (const { name, make } of DATABASES)
  test(`probe tries a table for an owner who has no rows, breaks its own connection on purpose, and leaves nothing behind (${name})`, async (t) => {
    const application = await make(t)
    const key = application.dialect === 'postgres' ? 'bigint GENERATED ALWAYS AS IDENTITY' : 'INTEGER'
    const { run } = application
    run(
      `CREATE TABLE events (id ${key} PRIMARY KEY, user_id int NOT NULL, title text NOT NULL, starts text NOT NULL, ends text NOT NULL,
       amount decimal(15, 2) NOT NULL, status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done')), CHECK (ends > starts))`,
    )
    run(`INSERT INTO events (user_id, title, starts, ends, amount) VALUES (1, 'rent', '2026', '2027', 650)`)
    const world = await worldOf(t)
    const required = (type: string): string => `{ type: ${type}, required: true }`
    writeFileSync(
      join(world.folder, 'lockstep.yaml'),
      `connections:
  app:
    connector: database
    url: ${JSON.stringify(application.url)}
    capture_schema: probe_${process.pid}
    tables:
      event:
        table: events
        key: id
        owner: user_id
        columns: { title: ${required('text')}, starts: ${required('instant')}, ends: ${required('instant')}, amount: ${required('decimal')}, status: text }
flows: {}
`,
    )
    assert.equal((await world.run('capture', 'install', 'app', '--yes')).code, 0)
    const ran = await world.run('probe', 'app', '--scope', '99', '--yes', '--json')
    assert.equal(ran.code, 0, ran.err + ran.out)
    const report = reportIn(ran)
    assert.deepEqual(verdictsOf(report, 'not tried'), [
      'listing: resumed',
      'create: repeated',
      'create: no parent',
      'version',
      'delete: last',
      'delete: parent',
      'empty',
    ])
    assert.equal(verdictsOf(report, 'as assumed').length, report.checks.length - 7)
    assert.deepEqual(report.done?.left, [])
    assert.deepEqual(run('SELECT title FROM events'), [{ title: 'rent' }])
    assert.equal((await world.run('capture', 'remove', 'app', '--yes')).code, 0)
  })
