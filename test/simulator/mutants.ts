/** Engines that are wrong in a known way, as changes of source text: the simulator has to find each of them. */

export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Mutant extends Edit {
  readonly name: string
  readonly also?: Edit
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'blind-retry',
    file: 'src/engine/trouble.ts',
    find: `if (failure === 'unavailable' && !noEffect) return leaveUnknown(world, task, intent, message)`,
    replace: '',
  },
  {
    name: 'no-intent',
    file: 'src/store/verbs/flows.ts',
    find: `sql.get('UPDATE due SET claimed = 0 WHERE claimed <> 0').run()`,
    replace: `sql.get('UPDATE due SET claimed = 0, waits_for = NULL').run(); sql.get('DELETE FROM intent').run()`,
  },
  {
    name: 'asks-too-early',
    file: 'src/engine/recover.ts',
    find: '? 0 : intent.sentAt + settleMs(kind)',
    replace: '? 0 : intent.sentAt + 0 * settleMs(kind)',
    also: {
      file: 'src/engine/trouble.ts',
      find: 'const waitMs = isRepeatable(kind, intent) ? repeatMs :',
      replace: 'const waitMs = isRepeatable(kind, intent) ? repeatMs : 0 *',
    },
  },
  {
    name: 'finds-nothing',
    file: 'src/engine/recover.ts',
    find: 'const found = await findMade(world, model, intent, write)',
    replace: 'const found = (await findMade(world, model, intent, write)) === null ? null : null',
  },
  {
    name: 'missing-is-deleted',
    file: 'src/engine/feeds.ts',
    find: 'await assertReadable(world, connection, at.scope, priority)',
    replace: '',
  },
  {
    name: 'cursor-before-page',
    file: 'src/engine/feeds.ts',
    find: 'changed += (await observe(world, { connection, readAt, changes, cursor: { feed, cursor } })).changed',
    replace: `await observe(world, { connection, readAt, changes: [], cursor: { feed, cursor } })
      changed += (await observe(world, { connection, readAt, changes })).changed`,
  },
  {
    name: 'base-before-push',
    file: 'src/store/verbs/write.ts',
    find: `  return 'begun'`,
    replace: `  if (intent.action === 'update' && intent.link !== null) {
    const early = JSON.parse(JSON.stringify(intent.plan))
    rebase(sql, intent.link, intent.side === 'b' ? { a: early.base, b: early.changed } : { a: early.changed, b: early.base })
  }
  return 'begun'`,
  },
  {
    name: 'no-guard',
    file: 'src/engine/act.ts',
    find: 'if (kind.get === undefined) return',
    replace: 'if (kind.get !== undefined) return',
  },
  {
    name: 'reads-never-lag',
    file: 'src/engine/model.ts',
    find: 'lagMs: (declared.lag ?? 0) * 1000',
    replace: 'lagMs: 0',
  },
  {
    name: 'brake-off',
    file: 'src/core/brake.ts',
    find: 'if (planned === 0) return null',
    replace: 'if (planned < 1000) return null',
  },
  {
    name: 'listing-deletes',
    file: 'src/store/verbs/observe.ts',
    find: `for (const row of rows) addHint(sql, connection, { feed, kind, ref: String(row['ref']), scope }, now, 0)`,
    replace: `for (const row of rows)
      observeOne(sql, { ...input, listing: undefined } as unknown as Observe, { kind, ref: String(row['ref']), scope, gone: 'deleted' })`,
  },
  {
    name: 'echo-window',
    file: 'src/core/accept.ts',
    find: `if ('unread' in seen)`,
    replace: `if (readAt < known.acceptedAt + 5000) return { is: 'same' }
  if ('unread' in seen)`,
  },
  {
    name: 'hint-done-before-looking',
    file: 'src/engine/inbox.ts',
    find: 'else await look(world, connection, { feed, kind, ref, scope }, HINT, generation)',
    replace: `else {
      await observe(world, { connection, changes: [], hint: { feed, kind, ref, generation } })
      await look(world, connection, { feed, kind, ref, scope }, HINT, null)
    }`,
  },
  {
    name: 'delete-beats-edit',
    file: 'src/core/decide.ts',
    find: 'survives(flow, subject, link, to, there) ??',
    replace: '',
  },
  {
    name: 'siblings-in-any-order',
    file: 'src/store/verbs/neighbours.ts',
    find: `if (spec.parent === null || item.parent === null) return null
  const earlier`,
    replace: `if (spec.parent !== null || item.parent === null) return null
  const earlier`,
  },
  {
    name: 'expired-cursor-ignored',
    file: 'src/store/verbs/flows.ts',
    find: `UPDATE listing SET state = 'wanted', position = NULL WHERE connection`,
    replace: 'UPDATE listing SET run = run WHERE connection',
  },
]
