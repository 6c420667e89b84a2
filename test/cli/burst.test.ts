/** Thousands of webhooks in a moment at the real service, which is killed in the middle of them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { freePorts } from '../../demo/configuration.ts'
import type { Delivery, Emulator } from '../../src/emulators/emulator.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import { ANN, LATER, organizationOf, MAILBOX, siteOf } from '../engine/ingest-systems.ts'
import { READY, until, worldOf } from './world.ts'

const TASKS = 350
const ROUNDS = 10
const GOING = 1000
const STAYING = 10
const CONVERSATIONS = 25
const ANSWERS = 20
const ALL = TASKS * ROUNDS + GOING + CONVERSATIONS * ANSWERS

const AT_ONCE = 64
const AGAIN_MS = 100

interface Sender {
  readonly deliver: (delivery: Delivery) => Promise<number | null>
  /** What was answered with 200, as it was sent. */
  readonly taken: Delivery[]
  /** How often it was not. */
  refused: number
}

/** A sender that sends again what was not answered with 200, as often as it takes, and nothing that was. */
function sender(t: TestContext): Sender {
  const { deliver } = realPorts()
  const waiting: (() => void)[] = []
  let underWay = 0
  let isOver = false
  t.after(() => (isOver = true))
  const sending: Sender = {
    taken: [],
    refused: 0,
    async deliver(delivery) {
      if (underWay >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
      underWay += 1
      while ((await deliver(delivery)) !== 200) {
        if (isOver) return null
        sending.refused += 1
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
      underWay -= 1
      sending.taken.push(delivery)
      waiting.shift()?.()
      return 200
    },
  }
  return sending
}

/** Remembers which comments anybody has asked for. */
function watched(emulator: Emulator, asked: Set<string>): Emulator {
  return {
    name: emulator.name,
    handle(request) {
      const [, comment] = /^\/comments\/(\d+)\.json$/.exec(request.path) ?? []
      if (request.method === 'GET' && comment !== undefined) asked.add(comment)
      return emulator.handle(request)
    },
  }
}

async function systems(t: TestContext) {
  const sending = sender(t)
  const ports = { ...realPorts(), deliver: sending.deliver }
  const asked = new Set<string>()
  const teamwork = siteOf(ports, { callsPerMinute: null, webhookDelay: [0, 50] })
  const missive = organizationOf(ports, {
    callsPerMinute: null,
    callsPer15Minutes: null,
    concurrentCalls: null,
    hookDelay: [0, 50],
  })
  const served = { teamwork: await serve(watched(teamwork, asked)), missive: await serve(missive) }
  t.after(() => Promise.all([served.teamwork.close(), served.missive.close()]))
  return { teamwork, missive, sending, asked, urls: { teamwork: served.teamwork.url, missive: served.missive.url } }
}

/** Which comments a webhook of a deletion was about. */
function commentIn({ body }: Delivery): readonly string[] {
  const { comment, eventCreator } = JSON.parse(body)
  return comment !== undefined && eventCreator !== undefined ? [String(comment.id)] : []
}

// Seen red: where the listener answers at once, and keeps it a third of a second later.
test('F35 a burst of 5,000 webhooks is taken, and none that was is lost by a kill -9 in its middle', async (t) => {
  const world = await worldOf(t)
  const { teamwork, missive, sending, asked, urls } = await systems(t)
  const [webhooks = 0] = await freePorts(1)
  world.configure(
    () => `listen: { webhooks: "127.0.0.1:${webhooks}", control: 127.0.0.1:0, public_url: "http://127.0.0.1:${webhooks}", max_per_minute: 1000000 }
connections:
  teamwork: { connector: teamwork, base_url: "${urls.teamwork}", api_key: key-sync, requests_per_minute: 1000000 }
  missive: { connector: missive, base_url: "${urls.missive}/v1", token: token-sync, requests_per_minute: 1000000, requests_per_quarter: 1000000 }
  warehouse: { connector: database, url: "sqlite:./ingest.db", capture: off, ingest: {} }
flows:
  work: { between: [teamwork, warehouse], direction: "teamwork->warehouse", scopes: [[site, site]], each: { from: teamwork }, brake: { deletes: { at_least: 100000 }, writes: { at_least: 100000 } } }
  mail: { between: [missive, warehouse], direction: "missive->warehouse", each: { from: missive }, brake: { writes: { at_least: 100000 } } }
`,
  )
  const ann = teamwork.as(ANN)
  const tasks = Array.from({ length: TASKS }, (_, at) => ann.addTask(LATER, { name: `task ${at}` }).id)
  // Where all of them went, the brake would hold the last.
  const comments = Array.from(
    { length: GOING + STAYING },
    (_, at) => ann.comment(tasks[at % TASKS] ?? 0, `comment ${at}`).id,
  )
  const going = comments.slice(STAYING)
  const from = { name: 'Dee Roe', address: 'dee@client.test' }
  const conversations = Array.from(
    { length: CONVERSATIONS },
    (_, at) => missive.receive(MAILBOX, { from, subject: `Help ${at}`, body: 'It is broken' }).conversationId,
  )
  assert.equal((await world.run('tables', 'create', 'warehouse', '--yes')).code, 0)
  const path = join(world.folder, 'ingest.db')
  const tables = new DatabaseSync(path, { readOnly: true })
  t.after(() => tables.close())
  const count = (text: string): number => Number(tables.prepare(`SELECT count(*) AS n FROM ${text}`).get()?.['n'])
  const first = world.start('run', '--yes')
  await first.says(READY)
  await until(
    'the first sync is done',
    () => count('comments') === comments.length && count('emails') === CONVERSATIONS,
    30_000,
  )
  await until('webhooks were asked for', async () => {
    const channels = JSON.parse((await world.run('channels', '--json')).out)
    return channels.filter(({ state }: { state: string }) => state === 'open').length === 2
  })

  const began = Date.now()
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const id of tasks) ann.editTask(id, { description: `round ${round}` })
  for (const id of going) ann.removeComment(id)
  const reader = missive.as('user-ann')
  for (const id of conversations) for (let at = 0; at < ANSWERS; at += 1) reader.comment(id, `answer ${at}`)
  await until('half of them were taken', () => sending.taken.length >= ALL / 2, 20_000)
  first.child.kill('SIGKILL')
  await first.ended
  const acknowledged = sending.taken.flatMap(commentIn)
  const store = new DatabaseSync(join(world.folder, 'lockstep.db'), { readOnly: true })
  const kept = new Set(
    store
      .prepare(`SELECT ref FROM inbox WHERE kind = 'comment'`)
      .all()
      .map((row) => String(row['ref'])),
  )
  store.close()
  assert.deepEqual(
    acknowledged.filter((id) => !kept.has(id) && !asked.has(id)),
    [],
    'each was answered once it was kept',
  )

  const second = world.start('run')
  await second.says(READY)
  await until('all were taken', () => sending.taken.length >= ALL, 30_000)
  const seconds = (Date.now() - began) / 1000
  await until(
    'every change has arrived',
    () =>
      count(`tasks WHERE description = 'round ${ROUNDS}'`) === TASKS &&
      count("comments WHERE source = 'teamwork' AND deleted_at IS NOT NULL") === GOING &&
      count(`comments WHERE source = 'missive'`) === CONVERSATIONS * ANSWERS,
    // A write under way at the kill may still take effect for half a minute: only then is it made again.
    60_000,
  )
  second.child.kill('SIGTERM')
  await second.ended
  assert.ok(sending.refused > 0, 'some came while nobody was there')
  t.diagnostic(
    `${ALL} webhooks in ${seconds} s, ${acknowledged.length} of comments before the kill, ${sending.refused} sent again`,
  )
})
