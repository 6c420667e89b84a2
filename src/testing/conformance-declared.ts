/** What a connector declares holds together: kinds, fields, feeds and limits name each other rightly. */
import assert from 'node:assert/strict'
import type { Bench, Register } from './conformance-bench.ts'

export function declarations({ connector }: Bench, test: Register): void {
  const { name, kinds, feeds } = connector
  test(`${name}: every kind is reported by exactly one feed, and every feed reports kinds that exist`, () => {
    for (const kind of Object.keys(kinds))
      assert.equal(Object.values(feeds).filter((feed) => feed.kinds.includes(kind)).length, 1, kind)
    for (const feed of Object.values(feeds)) for (const kind of feed.kinds) assert.ok(kinds[kind], kind)
  })
  test(`${name}: what kinds say of each other and of their fields is there`, () => {
    for (const [kind, declared] of Object.entries(kinds)) {
      for (const each of [declared.in, declared.head, ...(declared.takes ?? [])])
        if (each !== undefined) assert.ok(kinds[each], `${kind}: ${each}`)
      for (const field of [
        declared.scopeField,
        declared.siblings,
        declared.under,
        ...(declared.match ?? []),
        ...(declared.unique ?? []),
      ])
        if (field !== undefined) assert.ok(declared.fields[field], `${kind}.${field}`)
      for (const [field, { type, to }] of Object.entries(declared.fields))
        if (type === 'ref') assert.ok(to !== undefined && kinds[to], `${kind}.${field} points nowhere`)
      if (declared.in !== undefined) assert.equal(kinds[declared.in]?.is, 'container')
      for (const write of ['create', 'update', 'delete'] as const)
        assert.ok(declared.batch?.[write] === undefined || declared[write] !== undefined, `${kind}: ${write} of one`)
    }
  })
  test(`${name}: whatever can be created can be asked about after a lost answer, and read again`, () => {
    for (const [kind, declared] of Object.entries(kinds)) {
      if (declared.create === undefined) continue
      // Without a key it is looked for among what the account itself made, which only an author tells.
      assert.ok(declared.get !== undefined, kind)
    }
  })
}
