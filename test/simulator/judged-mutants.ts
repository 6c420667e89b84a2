/** Engines that are wrong in what only a whole run shows: what was read, what stands, and what is told of it. */
export const JUDGED_MUTANTS = [
  {
    name: 'cursor-before-exceptions',
    file: 'src/engine/feeds.ts',
    find: 'changed += (await observe(world, { connection, readAt, changes, cursor: { feed, cursor } })).changed',
    replace: `const late = changes.filter(({ kind }) => kind === 'exception')
      const early = changes.filter((each) => !late.includes(each))
      changed += (await observe(world, { connection, readAt, changes: early, cursor: { feed, cursor } })).changed
      if (late.length > 0) changed += (await observe(world, { connection, readAt, changes: late })).changed`,
  },
  {
    name: 'brake-holds-every-delete',
    file: 'src/core/brake.ts',
    find: 'if (total > Math.max(limit.atLeast, Math.floor(limit.share * links))) return total',
    replace: 'if (emptying || total > Math.max(limit.atLeast, Math.floor(limit.share * links))) return total',
  },
  {
    name: 'brake-holds-every-other-write',
    file: 'src/core/brake.ts',
    find: 'if (total > Math.max(limit.atLeast, Math.floor(limit.share * links))) return total',
    replace: 'if (!emptying || total > Math.max(limit.atLeast, Math.floor(limit.share * links))) return total',
  },
  {
    name: 'people-are-asked-always',
    file: 'src/core/conflict.ts',
    find: 'const policy = lens.policy ?? subject.pair.policy ?? flow.policy',
    replace: "const policy = subject.pair.id === '' ? flow.policy : 'ask'",
  },
  {
    name: 'edit-is-a-difference',
    file: 'src/core/decide.ts',
    find: 'if (why !== null || translated === undefined) {',
    replace: "if (why !== null || translated === undefined || (to === 'b' && lens.id === 'body')) {",
  },
  {
    name: 'policy-of-the-other-side',
    file: 'src/core/conflict.ts',
    find: 'winner: policy, why: `policy ${policy}`',
    replace: "winner: policy === 'a' ? 'b' : 'a', why: `policy ${policy}`",
  },
  {
    name: 'older-edit-wins',
    file: 'src/core/conflict.ts',
    find: 'return ahead > 0 ?',
    replace: 'return ahead < 0 ?',
  },
  {
    name: 'room-never-travels',
    file: 'src/core/decide.ts',
    find: 'const to = other(from)\n  if (!travelsFrom(flow, lens, from)) {',
    replace: "const to = other(from)\n  if (lens.id === 'room') return\n  if (!travelsFrom(flow, lens, from)) {",
  },
  {
    name: 'line-is-lost',
    file: 'src/mappings/signed.ts',
    find: `  return text.replaceAll('\\0', '')`,
    replace: `  return text.replaceAll('ok\\n', '').replaceAll('\\0', '')`,
  },
  {
    name: 'signed-by-nobody',
    file: 'src/core/create.ts',
    find: '  return wasCopy ? item.author : (sides[to]?.author ?? item.author)',
    replace:
      "  return { ref: (wasCopy ? item.author : (sides[to]?.author ?? item.author))?.ref ?? '', name: 'Nobody' }",
  },
  {
    name: 'files-get-other-names',
    file: 'src/engine/files.ts',
    find: 'const { name, type = ANY_TYPE } = file',
    replace: 'const { type = ANY_TYPE } = file\n  const name = `${file.name}.bak`',
  },
  {
    name: 'made-titles-are-one',
    file: 'src/mappings/title.ts',
    find: 'const wanted = titleOf(value, options)',
    replace: "const wanted = titleOf(value, options) === '' ? '' : 'Untitled'",
  },
  {
    name: 'journal-tells-it-backwards',
    file: 'src/engine/outcome.ts',
    find: '(write.before ?? null) : pick(known.values, fields),\n        after: pick(values, fields),',
    replace: '(write.before ?? null) : pick(values, fields),\n        after: pick(known?.values ?? values, fields),',
  },
  {
    name: 'people-and-files-stay-on-one-way-flows',
    file: 'src/core/decide.ts',
    find: 'if (!isCompared(lens)) return UNCOMPARED\n  const { link, sides, draft, subject } = context',
    replace: `if (!isCompared(lens)) return UNCOMPARED
  const isOneWay = context.flow.direction !== 'both'
  if (isOneWay && (lens.people === true || (lens.files === true && context.flow.astray !== 'restore'))) return null
  const { link, sides, draft, subject } = context`,
  },
  {
    name: 'siblings-in-any-order-called-late',
    file: 'src/store/verbs/neighbours.ts',
    find: `if (spec.parent === null || item.parent === null) return null
  const earlier`,
    replace: `if (spec.parent !== null || item.parent === null) return null
  const earlier`,
    also: { file: 'src/core/create.ts', find: 'late: subject.late', replace: 'late: true' },
  },
  {
    name: 'let-go-whatever-it-says-by-then',
    file: 'src/engine/task.ts',
    find: 'canonical([write.do, write.side, write.ref, taken, write.answers ?? null])',
    replace: 'canonical([write.do, write.side, write.ref])',
  },
  {
    name: 'file-taken-away-meanwhile-is-agreed',
    file: 'src/core/files.ts',
    find: 'if (taken.length === 0 || now.length + taken.length !== asked.length) continue',
    replace: 'if (taken.length === 0 || taken.length > 0) continue',
  },
] as const
