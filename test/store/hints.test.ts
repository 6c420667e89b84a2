import assert from 'node:assert/strict'
import { addDoubt, claimHints, receive } from '../../src/store/verbs/inbox.ts'
import { testInEach } from './databases.ts'

// Seen red: when those that waited for a time come after all others, and when each sort has its own number.
testInEach('hints are handed out oldest first, whether or not they had to wait for a time', (sql) => {
  const hint = (ref: string) => ({ feed: 'notes', kind: 'note', ref, scope: 'room' })
  for (const [ref, now] of [
    ['1', 1],
    ['3', 3],
    ['5', 5],
    ['6', 6],
  ] as const)
    receive(sql, { connection: 'x', hints: [hint(ref)], now })
  for (const [ref, now, until] of [
    ['2', 2, 10],
    ['4', 4, 9],
    ['late', 0, 11],
  ] as const)
    addDoubt(sql, 'x', hint(ref), now, until)
  receive(sql, { connection: 'dead', hints: [hint('0')], now: 0 })
  const claim = (now: number, connections = ['x']) => {
    const { hints, next } = claimHints(sql, { now, limit: 3, connections })
    return { refs: hints.map(({ ref }) => ref), next }
  }
  assert.deepEqual(claim(10), { refs: ['1', '2', '3'], next: 11 })
  assert.deepEqual(claim(10), { refs: ['4', '5', '6'], next: 11 })
  assert.deepEqual(claim(10), { refs: [], next: 11 })
  assert.deepEqual(claim(11, ['x', 'dead']), { refs: ['0', 'late'], next: null })
})
