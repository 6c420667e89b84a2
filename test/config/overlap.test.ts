import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, compile, tasks, team } from './compiling.ts'

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

test('two flows between the same connections that take new items from one container are refused', () => {
  assert.deepEqual(codes({ one: team, two: { ...team, scopes: [['spaces/A', 13]] } }), [
    'scope-overlap flows.two.scopes.0',
  ])
  assert.deepEqual(codes({ one: team, two: { between: ['forum', 'chat'], scopes: [[13, 'spaces/A']] } }), [
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

test('one container is joined with several connections, one way or both ways', () => {
  const to = (connection: string, direction: string) => ({
    between: ['work', connection],
    scopes: [[1, 2]],
    direction,
    ...tasks,
  })
  for (const direction of ['both', 'a->b', 'b->a'])
    assert.deepEqual(codes({ one: to('work2', direction), two: to('work3', 'both') }), [])
  assert.deepEqual(codes({ one: team, two: { between: ['chat', 'forum2'], each: { from: 'chat' } } }), [])
})

test('two ways between the same containers are a ring, also through a third connection', () => {
  const by = (a: string, b: string) => ({ between: [a, b], scopes: [[1, 1]], ...tasks })
  const star = { one: by('work', 'work2'), two: by('work', 'work3') }
  assert.deepEqual(codes(star), [])
  assert.deepEqual(codes({ ...star, three: by('work2', 'work3') }), ['flow-cycle flows.one.scopes.0'])
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

test('a mirror of what another flow changes is refused', () => {
  const mirror = (astray: string, direction = 'b->a') => ({
    between: ['work', 'work2'],
    scopes: [[1, 2]],
    direction,
    astray,
    ...tasks,
  })
  const two = (direction: string) => ({ between: ['work3', 'work'], scopes: [[3, 1]], direction, ...tasks })
  const { findings } = compile({ one: mirror('restore'), two: two('both') })
  assert.deepEqual(
    findings.map(({ code, message }) => `${code}: ${message}`),
    ['scope-mirrored: takes back what is changed in 1 of work, and flows.two.scopes[0] brings changes there'],
  )
  for (const astray of ['leave', 'hold']) assert.deepEqual(codes({ one: mirror(astray), two: two('both') }), [])
  for (const direction of ['a->b', 'b->a']) assert.deepEqual(codes({ one: mirror('restore'), two: two(direction) }), [])
  assert.deepEqual(codes({ one: mirror('restore', 'a->b'), two: two('both') }), [])
})

test('several sources may feed one container through one-way flows', () => {
  const from = (connection: string) => ({
    between: [connection, 'work'],
    scopes: [[1, 2]],
    direction: 'a->b',
    ...tasks,
  })
  assert.deepEqual(codes({ one: from('work2'), two: from('work3') }), [])
})

test('a container into which a flow only writes may be the source of another', () => {
  const one = { between: ['work', 'work2'], scopes: [[1, 2]], direction: 'a->b', ...tasks }
  const two = { between: ['work2', 'work3'], scopes: [[2, 3]], ...tasks }
  const three = { ...one, scopes: [[9, 2]] }
  assert.deepEqual(codes({ one, two, three }), [])
})
