/** What was linked and is not any more. */
import assert from 'node:assert/strict'
import type { Sql } from '../../src/store/sql.ts'
import { addLink } from '../../src/store/verbs/new-links.ts'
import { forgetFlow } from '../../src/store/verbs/renaming.ts'
import { addDisagreements, conflicts, resolveConflict } from '../../src/store/verbs/conflicts.ts'
import { addHold } from '../../src/store/verbs/held.ts'
import { decideHeld, heldList } from '../../src/store/verbs/report.ts'
import { takeApart } from '../../src/store/verbs/undo.ts'
import { testInEach } from './databases.ts'
import { linkOfNotes, notes } from './notes.ts'

const open = (sql: Sql, flow = 'f'): number[] =>
  conflicts(sql, { all: false }).flatMap((each) => (each.flow === flow ? [each.id] : []))

/** Two that are linked, say different things in two fields, and may go on doing so in one of them. */
function contested(sql: Sql, ref: string, flow = 'f'): number {
  const link = addLink(sql, flow, linkOfNotes(ref), 1, false)
  const differs = (lens: string) => ({ lens, base: null, values: { a: 1, b: 2 }, winner: null, why: '' })
  addDisagreements(sql, flow, notes.id, link, [differs('title'), differs('text')], 2)
  const [first, ...others] = open(sql, flow)
  resolveConflict(sql, { id: first ?? assert.fail(), winner: 'accept', ranks: {}, now: 3 })
  assert.deepEqual(open(sql, flow), others)
  return link
}

const part = (sql: Sql, link: number, how: 'gone' | 'asleep' | 'forgotten'): null =>
  takeApart(sql, { flow: 'f', pair: notes, link, refs: linkOfNotes('1').refs, how, entry: 1, now: 4 })

const decisions = (sql: Sql) => sql.get('SELECT count(*) AS n FROM decided').get()?.['n']

// Seen red: when the conflict stays open, when what was decided stays, and when SQLite gives the id to the next link.
testInEach('what two were asked about that were never the same is nobody’s question, and no other link’s', (sql) => {
  const link = contested(sql, '1')
  part(sql, link, 'forgotten')
  assert.deepEqual(open(sql), [])
  assert.deepEqual(
    conflicts(sql, { all: true }).map(({ why }) => why),
    ['the difference was accepted', 'the two do not follow each other any more'],
  )
  assert.equal(decisions(sql), 0)
  assert.ok(addLink(sql, 'f', linkOfNotes('2'), 5, false) > link)
})

// Seen red: when only what is forgotten closes its conflicts.
testInEach('what two were asked about is over once their link sleeps or ends', (sql) => {
  for (const how of ['asleep', 'gone'] as const) {
    const link = contested(sql, how)
    part(sql, link, how)
    assert.deepEqual(open(sql), [])
  }
})

// Seen red: without the decisions.
testInEach('a flow is forgotten with what was decided about its links, and no other', (sql) => {
  contested(sql, '1')
  contested(sql, '2', 'g')
  forgetFlow(sql, { flow: 'f' })
  assert.equal(decisions(sql), 1)
})

// Seen red: on SQLite, when ids may be used again.
testInEach('what a person decides by its id is what they saw, also where that is held no more', (sql) => {
  const hold = (ref: string): void => {
    const asked = { side: 'a', action: 'delete', reason: 'brake', detail: '', name: '' } as const
    addHold(sql, 'f', notes.id, { ...asked, ref, fingerprint: ref }, 1)
  }
  const seen = (): number[] => heldList(sql, { flow: null }).map(({ id }) => id)
  hold('1')
  const ids = seen()
  decideHeld(sql, { ids, decision: 'retry', ranks: {}, now: 2 })
  hold('2')
  assert.deepEqual(decideHeld(sql, { ids, decision: 'approved', ranks: {}, now: 3 }), [])
  assert.equal(seen().length, 1)
})
