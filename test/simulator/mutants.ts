/** Engines that are wrong in a known way, as changes of source text: the simulator has to find each of them. */

import { ACCOUNT_MUTANTS } from './account-mutants.ts'
import { FILE_MUTANTS } from './file-mutants.ts'
import { JUDGED_MUTANTS } from './judged-mutants.ts'
import { PEOPLE_MUTANTS } from './people-mutants.ts'

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
  ...FILE_MUTANTS,
  ...PEOPLE_MUTANTS,
  ...ACCOUNT_MUTANTS,
  ...JUDGED_MUTANTS,
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
    find: 'const until = intent.turnAt +',
    replace: 'const until = 0 * intent.turnAt + 0 *',
  },
  {
    name: 'finds-nothing',
    file: 'src/engine/recover.ts',
    find: '? await findMade(world, model, intent, write, repeats)',
    replace: '? ((await findMade(world, model, intent, write, repeats)) === null ? null : null)',
  },
  {
    name: 'missing-is-deleted',
    file: 'src/engine/feeds.ts',
    find: `  await assertReadable(world, connection, scope, priority)
  const found = await read()
  if (found !== null) return found
  await assertReadable(world, connection, scope, priority)`,
    replace: `  const found = await read()
  if (found !== null) return found`,
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
    // A file that is still to be copied is no value of a base.
    const changed = Object.fromEntries(Object.entries(early.changed).filter(([, each]) => !JSON.stringify(each).includes('copyOf')))
    rebase(sql, intent.link, intent.side === 'b' ? { a: early.base, b: changed } : { a: changed, b: early.base })
  }
  return 'begun'`,
  },
  {
    name: 'no-guard',
    file: 'src/engine/turn.ts',
    find: 'if (kind.get === undefined) return',
    replace: 'if (kind.get !== undefined) return',
  },
  {
    name: 'no-doubts',
    file: 'src/store/verbs/omitted.ts',
    find: `if (Number(left.changes) === 0 && !isOlderNewcomer(sql, standing)) return`,
    replace: `if (Number(left.changes) >= 0) return`,
  },
  {
    name: 'old-look',
    file: 'src/engine/turn.ts',
    find: 'world.clock.now() - at > LATE_MS',
    replace: 'at < 0',
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
    find: 'for (const ref of leftOut(sql, of, kind)) addHint(sql, connection, { feed, kind, ref, scope }, now)',
    replace: `for (const ref of leftOut(sql, of, kind))
        observeOne(sql, { ...input, listing: undefined } as unknown as Observe, { kind, ref, scope, gone: 'deleted' })`,
  },
  {
    name: 'doubt-ends-with-any-look',
    file: 'src/store/verbs/observe.ts',
    find: 'AND generation = ? AND doubt_until <= ?',
    replace: 'AND generation = ? AND 0 * doubt_until <= ?',
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
    find: 'else await look(world, connection, { feed, kind, ref, scope, toldGone }, HINT, generation)',
    replace: `else {
      await observe(world, { connection, changes: [], hint: { feed, kind, ref, generation } })
      await look(world, connection, { feed, kind, ref, scope }, HINT, null)
    }`,
  },
  {
    name: 'delete-beats-edit',
    file: 'src/core/gone.ts',
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
  {
    name: 'later-clock-wins',
    file: 'src/core/decide.ts',
    find: 'if (based && changed.a !== changed.b) {',
    replace: `const later = Date.parse(sides.a.editedAt ?? sides.a.createdAt ?? '') - Date.parse(sides.b.editedAt ?? sides.b.createdAt ?? '')
  if (based && later !== 0) {
    travel(context, lens, later > 0 ? 'a' : 'b', null)
    return
  }
  if (based && changed.a !== changed.b) {`,
  },
  {
    name: 'loser-forgotten',
    file: 'src/core/decide.ts',
    find: 'else travel(context, lens, disagreement.winner, disagreement)',
    replace: 'else travel(context, lens, disagreement.winner, null)',
  },
  {
    name: 'skips-what-the-bot-wrote',
    file: 'src/store/verbs/observe.ts',
    find: 'for (const watch of input.watches) if (watch.kind === change.kind) makeDue',
    replace: `if (item.author?.ref !== 'bot') for (const watch of input.watches) if (watch.kind === change.kind) makeDue`,
  },
  {
    name: 'no-conditional-write',
    file: 'src/engine/act.ts',
    find: '    base: itemOf(known),\n  })',
    replace: '    base: { scope: known.scope, ref: known.ref, values: {} },\n  })',
  },
  {
    name: 'hint-says-where',
    file: 'src/engine/feeds.ts',
    find: '(found) => ({ kind: at.kind, ...found })',
    replace: '(found) => ({ kind: at.kind, ...found, scope: at.scope })',
  },
  {
    name: 'error-drops-hint',
    file: 'src/engine/inbox.ts',
    find: 'await world.store.retryHint({ hint',
    replace: `await observe(world, { connection: hint.connection, readAt: 0, changes: [], hint })
    if (wait < 0) await world.store.retryHint({ hint`,
  },
  {
    name: 'page-without-its-last',
    file: 'src/engine/feeds.ts',
    find: '{ connection, readAt, changes, cursor: { feed, cursor } }',
    replace:
      '{ connection, readAt, changes: changes.length > 2 ? changes.slice(0, -1) : changes, cursor: { feed, cursor } }',
  },
  {
    name: 'tombstones-skipped',
    file: 'src/engine/feeds.ts',
    find: '{ connection, readAt, changes, cursor: { feed, cursor } }',
    replace: `{ connection, readAt, changes: changes.filter((each) => !('gone' in each)), cursor: { feed, cursor } }`,
  },
  {
    name: 'takes-without-looking',
    file: 'src/engine/act.ts',
    find: 'if (along === null) return',
    replace: 'if (along !== undefined) return',
  },
  {
    name: 'our-own-is-news',
    file: 'src/store/verbs/intents.ts',
    find: 'return keyOf(row)',
    replace: 'return row === undefined ? null : null',
  },
  {
    name: 'filter-ignored',
    file: 'src/core/create.ts',
    find: 'flow.each.where(item.values)',
    replace: '(flow.each.where(item.values) || true)',
  },
  {
    name: 'keep-ignored',
    file: 'src/core/gone.ts',
    find: `if (rule === 'keep')`,
    replace: `if (rule === 'keep' && there.ref === '')`,
  },
  {
    name: 'hold-ignored',
    file: 'src/core/deletion.ts',
    find: `subject.pair.onDelete[from] === 'hold'`,
    replace: `subject.pair.onDelete[from] === 'hold' && from === to`,
  },
  {
    name: 'nobody-is-asked',
    file: 'src/core/conflict.ts',
    find: `if (policy === 'ask') return { lens: lens.id, base, values, winner: null,`,
    replace: `if (policy === 'ask') return { lens: lens.id, base, values, winner: 'a',`,
  },
  {
    name: 'found-is-as-written',
    file: 'src/engine/outcome.ts',
    find: `const stored = how === 'answered' ?`,
    replace: `const stored = how !== null ?`,
  },
  {
    name: 'plan-never-stale',
    file: 'src/store/verbs/write.ts',
    find: `revOf(sql, each) !== each.rev) return 'moved'`,
    replace: `revOf(sql, each) < 0) return 'moved'`,
  },
  {
    name: 'older-version-accepted',
    file: 'src/core/accept.ts',
    find: 'if (seen.version < known.version)',
    replace: 'if (seen.version < known.version && readAt < 0)',
    also: {
      file: 'src/core/accept.ts',
      find: 'const doubtful = readAt < known.acceptedAt + lagMs',
      replace: 'const doubtful = readAt < 0 * lagMs',
    },
  },
  {
    name: 'mark-stays',
    file: 'src/core/mark.ts',
    find: `isRefused && pair.onRefused[to] === 'mark')`,
    replace: `isRefused || true)`,
  },
  {
    name: 'mark-is-agreement',
    file: 'src/core/mark.ts',
    find: 'if (!isRefused) agreed',
    replace: 'if (isRefused || true) agreed',
  },
  {
    name: 'direction-ignored',
    file: 'src/core/flow.ts',
    find: `return direction === 'both' || direction === (`,
    replace: `return true || direction === (`,
  },
  {
    name: 'far-edits-taken-back',
    file: 'src/core/decide.ts',
    find: `if (!mayReturn || flow.astray === 'leave') return`,
    replace: `if (!mayReturn) return`,
  },
  {
    name: 'far-edits-stay',
    file: 'src/core/decide.ts',
    find: `if (!mayReturn || flow.astray === 'leave') return`,
    replace: `return`,
  },
  {
    name: 'far-edits-deleted',
    file: 'src/core/gone.ts',
    find: `if (kept === null || flow.astray === 'restore' || carries(flow.direction, to)) return null`,
    replace: `if (kept !== 'x') return null`,
  },
  {
    name: 'far-deletes-stay',
    file: 'src/core/gone.ts',
    find: `if (!carries(flow.direction, from) && flow.astray === 'restore')`,
    replace: `if (!carries(flow.direction, from) && flow.astray !== flow.astray)`,
  },
  {
    name: 'correction-stays',
    file: 'src/core/correct.ts',
    find: `if (told === null) writes.push(...removal(subject, side))`,
    replace: `if (told === null) continue`,
  },
  {
    name: 'correction-never-rewritten',
    file: 'src/core/correct.ts',
    find: `else if (isThere && before !== null) writes`,
    replace: `else if (isThere && before !== null && isThere === null) writes`,
    also: {
      file: 'src/core/correct.ts',
      find: `saidOf(before, words, side) === told &&`,
      replace: '',
    },
  },
  {
    name: 'nothing-is-told',
    file: 'src/core/correct.ts',
    find: `if (item === null || far === null || link === null || parent === null || !can.create) return []`,
    replace: `return []`,
  },
  {
    name: 'answers-of-others',
    file: 'src/engine/batch.ts',
    find: 'settle(each, answers[at])',
    replace: 'settle(each, answers[riders.length - 1 - at])',
  },
  {
    name: 'batch-sent-again',
    file: 'src/engine/batch.ts',
    find: 'if (!isOfOne(answers.error)) return',
    replace: 'if (answers.error === null) return',
  },
  {
    name: 'joined-and-forgotten',
    file: 'src/store/verbs/slots.ts',
    find: 'if (isAsSeen) due(sql,',
    replace: 'if (!isAsSeen) due(sql,',
  },
  {
    name: 'joined-as-agreed',
    file: 'src/core/create.ts',
    find: 'base: link?.base ?? { a: {}, b: {} },',
    replace: 'base: link?.base ?? { a: item.values, b: item.values },',
  },
  {
    name: 'generation-ignored',
    file: 'src/store/verbs/waits.ts',
    find: `.get('DELETE FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND generation = ?')`,
    replace: `.get('DELETE FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND ? > 0')`,
  },
  {
    name: 'delete-not-told',
    file: 'src/store/verbs/stored.ts',
    find: `dueElsewhere(sql, input, known, input.wish === 'travels')`,
    replace: `(input.wish === 'travels' ? dueElsewhere(sql, input, known, true) : null)`,
  },
  {
    name: 'made-again-by-each',
    file: 'src/store/verbs/remade.ts',
    find: 'if (row === undefined || incarnation === 0) continue',
    replace: 'if (row === undefined || incarnation > 0) continue',
  },
  {
    name: 'corrections-travel',
    file: 'src/store/verbs/links.ts',
    find: `ref })) return 'elsewhere'`,
    replace: `ref }) && flow === '') return 'elsewhere'`,
  },
  {
    name: 'leaving-the-filter-ignored',
    file: 'src/core/plan.ts',
    find: `const isFiltered = link.state !== 'gone' &&`,
    replace: `const isFiltered = link.state === 'gone' &&`,
  },
  {
    name: 'copies-are-filtered',
    file: 'src/core/plan.ts',
    find: `link.made !== side && !passes`,
    replace: `!passes`,
  },
]
