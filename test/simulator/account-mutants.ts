/** Engines that are wrong where accounts are many, and rows change hands. */
export const ACCOUNT_MUTANTS = [
  {
    name: 'brake-of-each-account-alone',
    file: 'src/core/brake.ts',
    find: 'if (counts.accounts !== null) {',
    replace: 'if (counts.accounts !== null && planned.length > 1000) {',
  },
  {
    name: 'room-of-another-account',
    file: 'src/store/verbs/references.ts',
    find: `FROM instance WHERE flow = ? AND \${side}_scope = ? ORDER BY`,
    replace: `FROM instance WHERE ? <> '' AND \${side}_scope = ? ORDER BY`,
  },
  {
    name: 'made-again-elsewhere-has-left',
    file: 'src/core/plan.ts',
    find: 'remade[from] ? [onLeave[from], onDelete[from]]',
    replace: 'remade[from] ? [onLeave[from]]',
  },
  {
    name: 'one-dead-account-stops-all',
    file: 'src/engine/engine.ts',
    find: 'return SIDES.some((side) => sessionOf(world, flow.connections[side]).dead !== null)',
    replace:
      'return flow.id !== "" && SIDES.length > 0 && [...world.sessions.values()].some((each) => each.dead !== null)',
  },
  {
    name: 'where-it-stands-is-never-doubted',
    file: 'src/core/accept.ts',
    find: `known.state !== 'present' || known.scope !== seen.scope`,
    replace: `known.state !== 'present'`,
  },
]
