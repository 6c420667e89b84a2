import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareFingerprint, compileFlows, flowAt, flowFingerprint, type CompiledFlow } from '../../src/config/index.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import { connectors } from '../../src/connectors/index.ts'
import type { AnyConnector } from '../../src/connector/index.ts'
import type { Flow } from '../../src/core/flow.ts'
import { tables, tracker } from './connectors.ts'

const [googleChat, discourse] = [connectors.get('google-chat'), connectors.get('discourse')]
assert.ok(googleChat !== undefined && discourse !== undefined)

const known = new Map<string, AnyConnector>([
  ['chat', googleChat],
  ['chat2', googleChat],
  ['forum', discourse],
  ['forum2', discourse],
  ['work', tracker],
  ['work2', tracker],
  ['work3', tracker],
  ['sheet', tables],
])

type Flows = Readonly<Record<string, unknown>>

function compile(flows: Flows) {
  const settings = Object.entries(flows).map(([id, each]) => [id, flowSchema.parse(each)] as const)
  return compileFlows(Object.fromEntries(settings), known)
}

function compiled(flow: unknown): CompiledFlow {
  const { flows, findings } = compile({ team: flow })
  assert.deepEqual(findings, [])
  const [first] = flows
  assert.ok(first !== undefined)
  return first
}

function flowOf(flow: unknown): Flow {
  return compiled(flow).flow
}

function codes(flows: Flows): readonly string[] {
  return compile(flows).findings.map(({ code, path }) => `${code} ${path.join('.')}`)
}

const team = { between: ['chat', 'forum'], scopes: [['spaces/A', 12]] }
const projects = { project: { a: 'project', b: 'project', fields: { name: { a: 'name', b: 'name' } } } }
const tasks = {
  kinds: { ...projects, task: { a: 'task', b: 'task', fields: { name: { a: 'name', b: 'name' } } } },
}

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
    types: { a: 'name', b: 'hours' },
    people: { a: 'owner', b: 'owner' },
    many: { a: 'labels', b: 'name' },
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

test('the same two containers twice are refused, in one flow or in two, also the other way round', () => {
  assert.deepEqual(codes({ one: { ...team, scopes: [...team.scopes, ...team.scopes] } }), [
    'scope-twice flows.one.scopes.1',
  ])
  assert.deepEqual(codes({ one: team, two: { between: ['forum', 'chat'], scopes: [[12, 'spaces/A']] } }), [
    'scope-twice flows.two.scopes.0',
  ])
  const split = { one: { ...team, direction: 'a->b' }, two: { ...team, direction: 'b->a' } }
  assert.deepEqual(codes(split), ['scope-twice flows.two.scopes.0'])
})

test('two flows that take new items from one container are refused', () => {
  assert.deepEqual(codes({ one: team, two: { ...team, scopes: [['spaces/A', 13]] } }), [
    'scope-overlap flows.two.scopes.0',
  ])
  assert.deepEqual(codes({ one: team, two: { between: ['chat', 'forum2'], scopes: [['spaces/A', 13]] } }), [
    'scope-overlap flows.two.scopes.0',
  ])
  assert.deepEqual(codes({ one: team, two: { between: ['chat', 'forum'], each: { from: 'chat' } } }), [
    'scope-overlap flows.two.each',
  ])
})

test('a flow may name some pairs and find the others', () => {
  assert.deepEqual(codes({ one: { ...team, each: { from: 'chat' } } }), [])
})

test('flows whose filters no item passes both of may share a container', () => {
  const flow = (text: unknown, to: number) => ({
    between: ['work', 'work2'],
    scopes: [[1, to]],
    kinds: { ...tasks.kinds, task: { ...tasks.kinds.task, where: { work: { state: text } } } },
  })
  assert.deepEqual(codes({ one: flow('open', 2), two: flow(['done', 'gone'], 3) }), [])
  assert.deepEqual(codes({ one: flow('open', 2), two: flow({ not: 'open' }, 3) }), [])
  assert.deepEqual(codes({ one: flow('open', 2), two: flow(['done', 'open'], 3) }), [
    'scope-overlap flows.two.scopes.0',
  ])
  assert.deepEqual(codes({ one: flow({ not: 'open' }, 2), two: flow({ not: 'done' }, 3) }), [
    'scope-overlap flows.two.scopes.0',
  ])
})

test('one source feeds several connections, as long as nothing comes back', () => {
  const to = (connection: string) => ({ between: ['work', connection], scopes: [[1, 2]], direction: 'a->b', ...tasks })
  assert.deepEqual(codes({ one: to('work2'), two: to('work3') }), [])
  assert.deepEqual(codes({ one: to('work2'), two: { ...to('work3'), direction: 'both' } }), [
    'scope-overlap flows.two.scopes.0',
  ])
})

test('a ring of flows is refused once, and named whole', () => {
  const ring = (direction: string) => ({
    one: { between: ['work', 'work2'], scopes: [[1, 2]], direction, ...tasks },
    two: { between: ['work2', 'work3'], scopes: [[2, 3]], direction, ...tasks },
    three: { between: ['work3', 'work'], scopes: [[3, 1]], direction, ...tasks },
  })
  for (const direction of ['both', 'a->b', 'b->a']) {
    const { findings } = compile(ring(direction))
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['flow-cycle'],
    )
    for (const flow of ['one', 'two', 'three']) assert.match(findings[0]?.message ?? '', new RegExp(`flows\\.${flow}`))
  }
})

test('a chain of one-way flows, or an open ring, is no ring', () => {
  const flows = (last: string) => ({
    one: { between: ['work', 'work2'], scopes: [[1, 2]], direction: 'a->b', ...tasks },
    two: { between: ['work2', 'work3'], scopes: [[2, 3]], direction: 'a->b', ...tasks },
    three: { between: ['work', 'work3'], scopes: [[last, 4]], direction: 'a->b', ...tasks },
  })
  assert.deepEqual(codes(flows('9')), [])
})

test('flows that find their containers can make a ring as well', () => {
  const each = (a: string, b: string) => ({ between: [a, b], each: { from: a }, direction: 'a->b', ...tasks })
  assert.deepEqual(
    compile({ one: each('work', 'work2'), two: each('work2', 'work3'), three: each('work3', 'work') }).findings.map(
      ({ code }) => code,
    ),
    ['flow-cycle'],
  )
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
