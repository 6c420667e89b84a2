import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareFingerprint, flowAt, flowFingerprint } from '../../src/config/index.ts'
import { codes, compiled, flowOf, projects, tasks, team } from './compiling.ts'

test('a flow of two lines has the whole built-in mapping, in the order parents before children', () => {
  const flow = flowOf(team)
  assert.equal(flow.containers.id, 'space-category')
  assert.deepEqual(
    flow.pairs.map(({ id }) => id),
    ['thread-topic', 'message-post'],
  )
  assert.deepEqual(flow.scopes, [{ a: { ref: 'spaces/A' }, b: { ref: '12' } }])
  assert.deepEqual(flow.brake, { deletes: { atLeast: 10, share: 0.2 }, writes: { atLeast: 100, share: 0.5 } })
  assert.deepEqual(
    [flow.title, flow.direction, flow.astray, flow.policy, flow.start, flow.each],
    ['team', 'both', 'leave', 'newest', null, null],
  )
})

test('kinds carry what their connectors declare', () => {
  const { a, b } = flowOf(team).pairs[1]?.kinds ?? {}
  assert.deepEqual(a?.parent, { field: 'thread', kind: 'thread' })
  assert.deepEqual(b?.parent, { field: 'topic', kind: 'topic' })
  assert.ok(a?.siblings && b?.siblings && a.can.create && b.can.empty)
  const topic = flowOf(team).pairs[0]?.kinds.b
  assert.deepEqual([topic?.connection, topic?.head, topic?.takes], ['forum', 'post', ['post']])
})

test('directions are written with sides or connections, with either arrow', () => {
  const directions = ['both', 'a->b', 'a→b', 'chat -> forum', 'b->a', 'forum→chat', 'forum->a']
  assert.deepEqual(
    directions.map((direction) => flowOf({ ...team, direction }).direction),
    ['both', 'a→b', 'a→b', 'a→b', 'b→a', 'b→a', 'b→a'],
  )
})

test('policies hold per flow, kind and field, by side or connection', () => {
  const flow = flowOf({
    ...team,
    conflict: 'forum',
    kinds: {
      'message-post': {
        conflict: 'ask',
        on_delete: { chat: 'keep' },
        on_leave: 'hold',
        fields: { text: { conflict: 'chat' } },
      },
    },
  })
  const messages = flow.pairs[1]
  assert.equal(flow.policy, 'b')
  assert.equal(messages?.policy, 'ask')
  assert.equal(messages.lenses.find(({ id }) => id === 'text')?.policy, 'a')
  assert.deepEqual(messages.onDelete, { a: 'keep', b: 'delete' })
  assert.deepEqual(messages.onLeave, { a: 'hold', b: 'hold' })
  assert.deepEqual(flow.containers.onDelete, { a: 'hold', b: 'hold' })
})

test('a flow that names the connections the other way round keeps the ids of pairs and fields', () => {
  const flow = flowOf({ between: ['forum', 'chat'], scopes: [[12, 'spaces/A']] })
  assert.deepEqual(
    [flow.containers, ...flow.pairs].map(({ id, kinds }) => [id, kinds.a.kind, kinds.b.kind]),
    [
      ['space-category', 'category', 'space'],
      ['thread-topic', 'topic', 'thread'],
      ['message-post', 'post', 'message'],
    ],
  )
})

test('a category can be made under another one, and every space can get one', () => {
  const flow = flowOf({
    between: ['chat', 'forum'],
    scopes: [['spaces/A', { create: true, under: 5 }]],
    each: { from: 'chat', where: { name: { starts_with: 'Team ' } }, under: 12 },
  })
  assert.deepEqual(flow.scopes[0]?.b, { create: true, values: { parent: '5' } })
  assert.equal(flow.each?.from, 'a')
  assert.deepEqual(flow.each.under, { parent: '12' })
  assert.deepEqual(
    ['Team A', 'A', null].map((name) => flow.each?.where({ name })),
    [true, false, false],
  )
})

test('`start: now` is the first run, and stays it', () => {
  const now = compiled({ ...team, start: 'now' })
  assert.equal(flowAt(now, '2026-11-24T10:00:00.000Z').start, '2026-11-24T10:00:00.000Z')
  assert.equal(flowOf({ ...team, start: '2026-01-01' }).start, '2026-01-01T00:00:00.000Z')
  assert.equal(flowOf({ ...team, start: '2026-01-01T10:00:00+02:00' }).start, '2026-01-01T08:00:00.000Z')
  assert.equal(flowAt(compiled(team), '2026-11-24T10:00:00.000Z').start, null)
})

test('filters: values, lists and conditions on fields, on the side they are written for', () => {
  const where = (chat: unknown) =>
    flowOf({ ...team, kinds: { 'message-post': { where: { chat } } } }).pairs[1]?.where ?? assert.fail()
  assert.ok(where({ text: 'ok' })('a', { text: 'ok' }))
  assert.ok(!where({ text: ['ok', 'no'] })('a', { text: 'yes' }))
  assert.ok(!where({ text: { not: null } })('a', {}))
  assert.ok(where({ text: { contains: 'b', starts_with: 'a', not: 'ab' } })('a', { text: 'abc' }))
  assert.ok(!where({ text: { contains: 'b', not: ['ab'] } })('a', { text: 'ab' }))
  assert.ok(where({ text: 'ok' })('b', { raw: 'anything' }))
  assert.ok(where({ text: 12 })('a', { text: '12' }))
})

test('what is refused is marked or told where that can be done, per flow and pair, by the connection that refuses', () => {
  const refusals = (settings: Record<string, unknown>): unknown[] =>
    flowOf({ ...team, ...settings }).pairs.map(({ id, onRefused }) => [id, onRefused])
  const declared = ['thread-topic', { a: 'declare', b: 'declare' }]
  for (const word of ['mark', 'reply'])
    assert.deepEqual(refusals({ on_refused: word }), [declared, ['message-post', { a: word, b: word }]])
  assert.deepEqual(refusals({ on_refused: 'mark', kinds: { 'message-post': { on_refused: { chat: 'reply' } } } }), [
    declared,
    ['message-post', { a: 'reply', b: 'mark' }],
  ])
})

test('any two systems are joined by pairs of their own', () => {
  const flow = flowOf({
    between: ['work', 'sheet'],
    scopes: [[1, 2]],
    kinds: {
      'task-row': {
        a: 'task',
        b: 'row',
        fields: {
          title: { a: 'name', b: 'title', max: 10, conflict: 'work' },
          text: { a: 'notes', b: 'text', way: 'work->sheet' },
          tags: { a: 'labels', b: 'tags' },
        },
        match: ['title'],
      },
      'project-table': { a: 'project', b: 'table', fields: { name: { a: 'name', b: 'title' } } },
    },
  })
  const [rows] = flow.pairs
  assert.equal(flow.containers.id, 'project-table')
  assert.deepEqual(flow.containers.onDelete, { a: 'hold', b: 'hold' })
  assert.deepEqual(
    rows?.lenses.map(({ id, way, policy }) => [id, way, policy]),
    [
      ['title', 'both', 'a'],
      ['text', 'a→b', undefined],
      ['tags', 'both', undefined],
    ],
  )
  assert.deepEqual(rows?.lenses[2]?.read('a', { labels: ['y', 'x', 'y'] }, null), ['x', 'y'])
  assert.deepEqual(rows?.match, ['title'])
})

test('a parent is a reference, and its pair comes first', () => {
  const fields = { task: { a: 'task', b: 'task' }, text: { a: 'text', b: 'text', as: 'signed' } }
  const flow = flowOf({
    between: ['work', 'work2'],
    scopes: [[1, 2]],
    kinds: { comment: { a: 'comment', b: 'comment', fields }, ...tasks.kinds },
  })
  assert.deepEqual(
    flow.pairs.map(({ id }) => id),
    ['task', 'comment'],
  )
  const [task, text] = flow.pairs[1]?.lenses ?? []
  assert.deepEqual(task?.to, { a: 'task', b: 'task' })
  const signed = text?.complement?.('b', { author: { ref: 'u1', name: 'Ann' }, parent: null })
  assert.deepEqual(signed, { b: 'Ann: ' })
})

test('a field that only its system writes travels away from it', () => {
  const kinds = { ...projects, task: { a: 'task', b: 'task', fields: { n: { a: 'number', b: 'hours' } } } }
  const flow = flowOf({ between: ['work', 'work2'], scopes: [[1, 2]], kinds })
  assert.equal(flow.pairs[0]?.lenses[0]?.way, 'a→b')
})

test('fields that cannot be related are refused, each with the reason', () => {
  const unfit = {
    types: { a: 'done', b: 'hours' },
    people: { a: 'owner', b: 'name' },
    many: { a: 'labels', b: 'hours' },
    never: { a: 'number', b: 'number' },
    signed: { a: 'hours', b: 'hours', as: 'signed' },
    unknown: { a: 'nmae', b: 'name' },
    half: { a: 'name' },
    way: { a: 'name', b: 'name', way: 'up' },
  }
  const kinds = { ...projects, task: { a: 'task', b: 'task', fields: unfit } }
  assert.deepEqual(codes({ team: { between: ['work', 'work2'], scopes: [[1, 2]], kinds } }), [
    ...['types', 'people', 'many', 'never', 'signed'].map((id) => `unfit-fields flows.team.kinds.task.fields.${id}`),
    'unknown-field flows.team.kinds.task.fields.unknown.a',
    'missing flows.team.kinds.task.fields.half',
    'bad-direction flows.team.kinds.task.fields.way.way',
  ])
})

test('pairs without a pair of containers, twice the same kinds, or an orphan are refused', () => {
  const flow = (kinds: unknown) => ({ team: { between: ['work', 'work2'], scopes: [[1, 2]], kinds } })
  const fields = { text: { a: 'text', b: 'text' } }
  assert.deepEqual(codes(flow({ task: tasks.kinds.task })), ['no-mapping flows.team.kinds'])
  assert.deepEqual(codes(flow({ ...tasks.kinds, again: tasks.kinds.task })), ['no-mapping flows.team.kinds.again'])
  assert.deepEqual(codes(flow({ ...projects, comment: { a: 'comment', b: 'comment', fields } })), [
    'no-mapping flows.team.kinds.comment',
  ])
  assert.deepEqual(codes(flow({ ...projects, task: { a: 'tsak', b: 'task', fields } })), [
    'unknown-kind flows.team.kinds.task.a',
  ])
})

test('a fingerprint tells swapped sides from another flow, and lets titles, scopes and options change', () => {
  const flow = flowOf(team)
  const swapped = flowOf({ between: ['forum', 'chat'], scopes: [[12, 'spaces/A']] })
  const stored = flowFingerprint(flow)
  assert.equal(
    compareFingerprint(stored, flowOf({ ...team, title: 'New', conflict: 'ask', scopes: [['spaces/B', 1]] })),
    'same',
  )
  assert.equal(compareFingerprint(stored, swapped), 'swapped')
  assert.equal(compareFingerprint(stored, flowOf({ ...team, between: ['chat', 'forum2'] })), 'other')
})

test('containers that keep their own names are joined without relating any field', () => {
  const kinds = { project: { a: 'project', b: 'project' }, task: tasks.kinds.task }
  const flow = flowOf({ between: ['work', 'work2'], scopes: [['p1', 'p2']], kinds })
  assert.deepEqual(flow.containers.lenses, [])
  assert.deepEqual(
    codes({
      team: {
        between: ['work', 'work2'],
        scopes: [['p1', 'p2']],
        kinds: { ...projects, task: { a: 'task', b: 'task' } },
      },
    }),
    ['missing flows.team.kinds.task'],
  )
})
