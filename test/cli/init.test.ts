import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { json, worldOf, type World } from './world.ts'

const FORUM = [
  'forum=https://forum.example.org',
  'space=spaces/AAAA1234',
  'category=12',
  'forum_user=mirror_bot',
  'client=id',
  'start=now',
]
const EVENTS = [
  'url=sqlite:app.db',
  'table=events',
  'owner=user_id',
  'user=17',
  'calendar=primary',
  'end_of_day=last_day',
  'zone=none',
  'fixed_zone=Europe/Berlin',
  'locale=de-DE',
  'currency=EUR',
  'deleted=deleted_at',
  'exceptions=none',
]
/** As a person does with the `.env` that init has begun. */
function fillIn({ folder }: World, names: readonly string[]): void {
  const path = join(folder, '.env')
  const text = readFileSync(path, 'utf8')
  for (const name of names) assert.ok(text.includes(`\n${name}=\n`), text)
  writeFileSync(path, names.map((name) => `${name}=filled-in`).join('\n'))
}

const answered = (answers: readonly string[]): string[] => answers.flatMap((each) => ['--answer', each])

test('init writes a configuration that check takes, and never writes over one', async (t) => {
  const world = await worldOf(t)
  const args = ['init', '-c', 'new.yaml', '--template', 'chat-discourse', ...answered(FORUM)]
  const ran = await world.run(...args)
  assert.equal(ran.code, 0, ran.err)
  assert.match(ran.out, /GOOGLE_CHAT_CLIENT_SECRET +the secret(.|\n)*lockstep connect chat +sign in/)
  assert.match(ran.out, /lockstep plan .*\n +lockstep sync .* asks: .*\n +lockstep run/)
  assert.equal(statSync(join(world.folder, 'new.yaml')).mode & 0o777, 0o600)
  const written = readFileSync(join(world.folder, 'new.yaml'), 'utf8')
  assert.match(written, /api_username: mirror_bot /)
  fillIn(world, ['GOOGLE_CHAT_CLIENT_SECRET', 'DISCOURSE_API_KEY', 'DISCOURSE_WEBHOOK_SECRET'])
  const checked = await world.run('check', '-c', 'new.yaml', '--offline')
  assert.equal(checked.code, 0, checked.out + checked.err)
  const again = await world.run(...args, '--json')
  assert.deepEqual([again.code, json(again).error?.code], [2, 'file-there'])
  assert.equal(readFileSync(join(world.folder, 'new.yaml'), 'utf8'), written)
})

test('init of a table shows a row as an event and back, and its configuration can be captured', async (t) => {
  const world = await worldOf(t)
  const app = new DatabaseSync(join(world.folder, 'app.db'))
  app.exec(`CREATE TABLE events (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, notes TEXT, amount TEXT, starts_on TEXT,
    ends_on TEXT, all_day BOOLEAN, recurrence TEXT, deleted_at TEXT, secret_plan TEXT);
    INSERT INTO events VALUES (1, 17, 'Rent', 'for May', '-1234567.89', '2026-05-03', '2026-05-03', 1, NULL, NULL, 'x')`)
  app.close()
  const ran = await world.run('init', '-c', 'new.yaml', '--template', 'calendar', ...answered(EVENTS))
  assert.equal(ran.code, 0, ran.err)
  assert.match(
    ran.err,
    /summary +Rent · -1\.234\.567,89.€\n(.|\n)*start +2026-05-03\n +end +2026-05-04\nand back: the same row/,
  )
  const text = readFileSync(join(world.folder, 'new.yaml'), 'utf8')
  assert.match(text, /end_is: last_day(.|\n)*zone: Europe\/Berlin/)
  assert.match(text, /# not synced: secret_plan/)
  fillIn(world, ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'])
  const captured = await world.run('capture', 'install', 'app', '-c', 'new.yaml', '--yes')
  assert.equal(captured.code, 0, captured.out + captured.err)
})

test('init guesses nothing: what has no answer, or one that will not do, is named with its flag', async (t) => {
  const world = await worldOf(t)
  const told = async (...answers: readonly string[]): Promise<string> => {
    const ran = await world.run('init', '-c', 'new.yaml', '--template', 'chat-discourse', ...answered(answers))
    assert.equal(ran.code, 2)
    return ran.err.replaceAll(/\s+/g, ' ')
  }
  assert.match(await told('forum=https://forum.example.org'), /Which space.* has no answer.* → --answer space=/)
  assert.match(await told('forum=not an address'), /will not do: an address begins with/)
  assert.match(await told(...FORUM.slice(0, 4), 'client= '), /to client will not do: it is empty/)
  assert.match(await told(...FORUM, 'colour=blue'), /Nobody asked for "colour"/)
  const address = 'url=postgres://lockstep:pass#word@db/app'
  const refused = await world.run('init', '-c', 'new.yaml', '--template', 'calendar', '--answer', address)
  assert.match(refused.err, /answer to url will not do: "#" in it is written as %23/)
  assert.ok(!refused.err.includes('pass#word'), 'a password is not repeated')
  assert.match(await told(...FORUM.slice(0, 5), 'start=soon'), /"soon" is no answer to start/)
  const strange = await world.run('init', '--template', 'chat-mail', '-c', 'new.yaml')
  assert.match(strange.err, /no template "chat-mail"(.|\n)*chat-discourse, calendar, ingest/)
})

test('init of tables tries the key, says what the system says, and its configuration fills them', async (t) => {
  const world = await worldOf(t)
  const emulated = world.start('emulate', 'teamwork')
  await emulated.says(/Running/)
  const address = /base_url: (\S+)/.exec(emulated.out())?.[1] ?? ''
  const args = (key: string): string[] => [
    'init',
    '-c',
    'new.yaml',
    '--template',
    'ingest',
    ...answered([
      'sources=teamwork',
      `teamwork=${address}`,
      `teamwork_key=${key}`,
      'url=sqlite:./ingest.db',
      'public_url=https://sync.example.org',
    ]),
  ]
  const refused = await world.run(...args('a-wrong-key'), '--json')
  assert.deepEqual([refused.code, json(refused).error?.code], [2, 'key-refused'])
  const ran = await world.run(...args('emulated-api-key'))
  assert.equal(ran.code, 0, ran.err)
  assert.match(ran.err, /Teamwork: works, as /)
  assert.match(ran.err, /Teamwork: sends no webhooks: .*[Ww]ebhooks.*\n→ changes are polled every minute/)
  assert.ok(!readFileSync(join(world.folder, 'new.yaml'), 'utf8').includes('emulated-api-key'))
  assert.match(readFileSync(join(world.folder, '.env'), 'utf8'), /TEAMWORK_API_KEY="emulated-api-key"/)
  assert.equal((await world.run('tables', 'create', 'warehouse', '-c', 'new.yaml', '--yes')).code, 0)
  const synced = await world.run('sync', '-c', 'new.yaml', '--yes')
  assert.equal(synced.code, 0, synced.out + synced.err)
  const tables = new DatabaseSync(join(world.folder, 'ingest.db'))
  assert.ok(tables.prepare('SELECT name FROM projects').all().length > 0)
  tables.close()
  emulated.child.kill('SIGTERM')
  await emulated.ended
})
