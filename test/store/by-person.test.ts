/** Whose items people ask for, by name. */
import assert from 'node:assert/strict'
import { history, queue } from '../../src/store/verbs/history.ts'
import { writeJournal } from '../../src/store/verbs/journal.ts'
import { due } from '../../src/store/verbs/due.ts'
import { testInEach } from './databases.ts'
import { notes } from './notes.ts'

const NAMES = ['Élodie Écart', 'CORP\\jane', 'Rosa_May Lee', '100% Max', 'Ann!', 'Ann Lee']

// Seen red: when the database lowers what is asked for (in any of another locale than C), and when it takes a backslash, %, _
// or the mark of what is no such sign for something else.
testInEach('what a person wrote is found by whole words of their name, to the letter but for capitals', (sql) => {
  for (const [i, name] of NAMES.entries()) {
    const ref = `u${i}`
    sql
      .get(
        `INSERT INTO item (connection, kind, ref, scope, state, values_json, author_json, rev, first_seen, accepted_at)
         VALUES ('x', 'note', ?, '', 'present', '{}', ?, 1, 0, 0)`,
      )
      .run(ref, JSON.stringify({ ref, name }))
    due(sql, { flow: 'f', pair: notes.id, side: 'a', rank: 1 }, { ref, createdAt: null }, 5)
    writeJournal(sql, {
      at: 5,
      flow: 'f',
      pair: notes.id,
      link: null,
      action: 'create',
      side: 'b',
      refs: { a: ref, b: null },
      before: null,
      after: null,
      why: '',
      waitedMs: null,
      undoes: null,
    })
  }
  const sides = (['a', 'b'] as const).map((side) => ({ ...notes[side], flow: 'f', pair: notes.id, side }))
  const of = (person: string): readonly (string | null)[] => {
    const asked = { sides, person, since: null, until: null, limit: 100, now: 6 }
    const done = history(sql, asked).map((each) => each.person)
    assert.deepEqual(new Set(queue(sql, asked).map((each) => each.person)), new Set(done), person)
    return done.toReversed()
  }
  for (const name of NAMES) assert.deepEqual(of(name), [name])
  assert.deepEqual(of('LEE'), ['Rosa_May Lee', 'Ann Lee'])
  assert.deepEqual(of('Écart'), ['Élodie Écart'])
  assert.deepEqual(of('corp\\JANE'), ['CORP\\jane'])
  assert.deepEqual(of('u3'), ['100% Max'])
  for (const part of ['An_', '%', 'An', 'Ann%', 'Ann\\', '!', 'Ann! Lee']) assert.deepEqual(of(part), [], part)
})
