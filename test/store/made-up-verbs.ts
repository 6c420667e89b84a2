/** A table of verbs that stands for the real one in tests of the machinery. */
import type { VerbsOf } from '../../src/store/verb.ts'

export interface MadeUpVerbs {
  write: { in: string; out: { id: number } }
  read: { in: null; out: readonly string[] }
  /** In the order of their bytes. */
  sorted: { in: null; out: readonly string[] }
  /** The row itself, as the database hands it out. */
  first: { in: null; out: unknown }
  /** Writes, then throws. */
  writeAndRefuse: { in: string; out: null }
  /** Breaks a constraint that is checked at the commit. */
  replyToNobody: { in: null; out: null }
  /** No more than this many pages may be used from now on: a full disk. */
  fill: { in: number; out: null }
  endTransaction: { in: null; out: null }
  late: { in: null; out: Promise<null> }
  /** Its output is not plain data. */
  unplain: { in: null; out: () => null }
  die: { in: null; out: null }
}

export const verbs: VerbsOf<MadeUpVerbs> = {
  write: (statements, text) => {
    const row = statements.get('INSERT INTO notes (text) VALUES (?) RETURNING id').get(text)
    return { id: Number(row?.['id']) }
  },
  read: (statements) => {
    const rows = statements.get('SELECT text FROM notes ORDER BY id').all()
    return rows.map((row) => String(row['text']))
  },
  sorted: (statements) =>
    statements
      .get('SELECT text FROM notes ORDER BY text')
      .all()
      .map((row) => String(row['text'])),
  first: (statements) => statements.get('SELECT text FROM notes ORDER BY id').get(),
  writeAndRefuse: (statements, text) => {
    statements.get('INSERT INTO notes (text) VALUES (?)').run(text)
    throw Object.assign(new RangeError('Not that one'), { code: 'refused' })
  },
  replyToNobody: (statements) => {
    statements.get('INSERT INTO replies (note) VALUES (999)').run()
    return null
  },
  fill: (statements, pages) => {
    statements.get(`PRAGMA max_page_count = ${pages}`).get()
    return null
  },
  endTransaction: (statements) => {
    statements.get('ROLLBACK').run()
    return null
  },
  late: async () => null,
  unplain: () => () => null,
  die: () => {
    process.exit(7)
  },
}
