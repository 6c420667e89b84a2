import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METHODS } from '../../src/emulators/google-calendar/routes.ts'
import { shapes } from './google-calendar-world.ts'

const bare = (path: string): string => path.replaceAll(/\{[^}]+\}|:[a-z]+/g, '{}')

test('every method of the calendar emulator has the address, the parameters and the scopes of the discovery document', () => {
  for (const method of METHODS) {
    const shape = shapes.methods[method.id]
    assert.ok(shape !== undefined, method.id)
    assert.equal(method.verb, shape.verb, method.id)
    assert.equal(bare(method.path), bare(shape.path), method.id)
    assert.deepEqual([...method.query].sort(), Object.keys(shape.query).sort(), method.id)
    for (const scope of method.scopes) assert.ok(shape.scopes.includes(scope), `${method.id} ${scope}`)
  }
  assert.equal(METHODS.length, Object.keys(shapes.methods).length)
})

test("the check against Calendar's shapes finds unknown fields, wrong types and wrong enum values", () => {
  const { misfits } = shapes
  assert.deepEqual(misfits('Event', { status: 'confirmed', start: { date: '2026-03-01' } }), [])
  assert.deepEqual(misfits('Event', { titel: 'x' }), ['Event.titel: unknown field'])
  assert.deepEqual(misfits('Event', { status: 'gone' }), ['Event.status: not in the enum'])
  assert.deepEqual(misfits('Event', { start: { date: 'today' } }), ['Event.start.date: not date'])
  assert.deepEqual(misfits('Event', { extendedProperties: { private: { a: 1 } } }), [
    'Event.extendedProperties.private.a: not string',
  ])
  assert.deepEqual(misfits('Channel', { expiration: 1 }), ['Channel.expiration: not int64'])
})
