/** Engines that are wrong about people in a known way. */
export const PEOPLE_MUTANTS = [
  {
    name: 'people-by-name',
    file: 'src/store/verbs/aliases.ts',
    find: `  const one = oneOf(sql, at)
  const said =`,
    replace: `  const named = sql
    .get('SELECT ref FROM person WHERE connection = ? AND name = (SELECT name FROM person WHERE connection = ? AND ref = ?)')
    .get(to.connection, at.connection, at.ref)
  if (named !== undefined) return { ref: String(named['ref']), by: 'e-mail' }
  const one = oneOf(sql, at)
  const said =`,
  },
  {
    name: 'unknown-people-are-removed',
    file: 'src/mappings/people.ts',
    find: '[field[side]]: filled([...members(value), ...stay])',
    replace: '[field[side]]: filled(stay.length > 99 ? stay : members(value))',
  },
  {
    name: 'mapping-wakes-nothing',
    file: 'src/store/verbs/naming.ts',
    find: 'if (watch.kind === kind) makeDue(sql, watch, item, null, now)',
    replace: 'if (watch.kind === kind && now < 0) makeDue(sql, watch, item, null, now)',
  },
  {
    name: 'whoever-stays-is-agreed-on',
    file: 'src/core/people.ts',
    find: '!refsIn(open).includes(each)',
    replace: 'refsIn(open).length > 0',
  },
  {
    name: 'new-entry-is-an-edit',
    file: 'src/core/people.ts',
    find: 'far.base !== null && own.base?.includes(ref) === true &&',
    replace: 'far.base !== null && own.base?.includes(ref) === null &&',
  },
] as const
