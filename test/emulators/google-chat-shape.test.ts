import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METHODS } from '../../src/emulators/google-chat/routes.ts'
import { shapes } from './google-chat-world.ts'

const { misfits } = shapes

test('every method of the emulator has the address, the parameters and the scopes of the discovery document', () => {
  for (const method of METHODS) {
    const shape = shapes.methods[method.id]
    assert.ok(shape !== undefined, method.id)
    assert.equal(method.verb, shape.verb, method.id)
    assert.equal(
      method.path.replace(/:(space|message|member|event)\b(?!s)/g, '{}'),
      shape.path.replace(/\{[^}]+\}/g, '{}'),
    )
    assert.deepEqual([...method.query].sort(), Object.keys(shape.query).sort(), method.id)
    for (const scope of method.scopes) assert.ok(shape.scopes.includes(scope), `${method.id} ${scope}`)
  }
  assert.equal(METHODS.length, Object.keys(shapes.methods).length)
})

test('the check against the shapes finds unknown fields, wrong types and wrong enum values', () => {
  assert.deepEqual(misfits('Message', { name: 'spaces/A/messages/B', createTime: '2026-03-01T10:00:00.000001Z' }), [])
  assert.deepEqual(misfits('Message', { titel: 'x' }), ['Message.titel: unknown field'])
  assert.deepEqual(misfits('Message', { text: 1 }), ['Message.text: not string'])
  assert.deepEqual(misfits('Message', { sender: { type: 'CAT' } }), ['Message.sender.type: not in the enum'])
  assert.deepEqual(misfits('Message', { createTime: 'now' }), ['Message.createTime: not google-datetime'])
  assert.deepEqual(misfits('Message', { cards: [{}] }), ['Message.cards[0]: the shapes hold no Card'])
})
