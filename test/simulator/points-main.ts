/** Ends a process at every point of every operation: at each call, and after each commit. */
import { argumentsOf } from './arguments.ts'
import { boardTrials } from './points-board.ts'
import { shippedTrials } from './points-shipped.ts'
import { enumerate, type Row } from './points.ts'
import { recordPoints } from './results.ts'

const HELP = `Ends a process at every point of every operation, at each call and after each commit, and judges what is left.

npm run sim:crash-points                     all operations
npm run sim:crash-points -- --only TEXT      those whose name has it
                            --json           the result as JSON

Exit codes: 0 every point was reached and all is right after it; 1 otherwise.`

const values = argumentsOf(HELP, { only: { type: 'string', default: '' }, json: { type: 'boolean', default: false } })

const rows: Row[] = []
for (const trial of [...boardTrials(), ...shippedTrials()]) {
  const name = `${trial.connectors}: ${trial.operation} from ${trial.from}`
  if (!name.includes(values.only)) continue
  const row = await enumerate(trial)
  rows.push(row)
  const { calls, commits, crashes, wrong } = row
  console.error(`${name}: ${calls} calls, ${commits} commits, ended at ${crashes} of them, ${wrong.length} wrong`)
  for (const what of wrong) console.error(`  ${what}`)
}

const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0)
const total = {
  operations: rows.length,
  points: sum(({ calls, commits }) => calls + commits),
  crashes: sum(({ crashes }) => crashes),
  wrong: sum(({ wrong }) => wrong.length),
}
if (values.only === '') recordPoints({ total, rows })
if (values.json) console.log(JSON.stringify({ ...total, rows }))
else
  console.log(
    `${total.operations} operations, ended at ${total.crashes} of ${total.points} points, ${total.wrong} wrong`,
  )
process.exitCode = total.wrong === 0 && total.crashes === total.points ? 0 : 1
