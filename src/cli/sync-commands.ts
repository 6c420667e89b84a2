/** The commands that bring both sides together. */
import { apply } from './apply.ts'
import { plan } from './plan.ts'
import { ONE } from './question.ts'
import type { Add, Does } from './command.ts'
import { run } from './run.ts'
import { sync } from './sync.ts'

export function addSyncCommands(add: Add, does: Does): void {
  const planning = add(
    'plan',
    'Shows what a sync would do, item by item. Writes to neither system.',
    `  $ lockstep plan
  $ lockstep plan team --json | jq '.lines[] | select(.hold)'
  $ lockstep plan --out plan.json     keeps it, to be applied later`,
  )
    .argument('[flow]', ONE)
    .option('--out <file>', 'keep the plan in a file')
  does(planning, (shell) =>
    plan(shell, { flow: planning.args[0] ?? null, out: planning.opts<{ out?: string }>().out ?? null }),
  )

  const applying = add(
    'apply',
    'Does what a kept plan says, item by item: what has moved since is refused, and said. It is the yes to a first sync, and to what the brake would hold.',
    `  $ lockstep plan --out plan.json
  $ lockstep apply plan.json`,
  ).argument('<file>', 'what "lockstep plan --out" wrote')
  does(applying, (shell) => apply(shell, { file: applying.args[0] ?? '' }))

  const syncing = add(
    'sync',
    'Brings both sides together once. The first sync of a flow shows its plan and asks; a yes is to that plan.',
    `  $ lockstep sync
  $ lockstep sync team --yes          approves a first sync
  $ lockstep sync --full              reads and plans everything anew, also what no feed reports
  $ lockstep sync --item 4711         looks at one item`,
  )
    .argument('[flow]', ONE)
    .option('--item <ref>', 'look at this item again, whatever else there is')
    .option('--full', 'read every scope whole, and plan everything anew')
    .option('-y, --yes', 'approve a first sync ahead, whatever its plan will be')
  does(syncing, (shell) => {
    const { item, full, yes } = syncing.opts<{ item?: string; full?: boolean; yes?: boolean }>()
    return sync(shell, { flow: syncing.args[0] ?? null, item: item ?? null, full: full === true, yes: yes === true })
  })

  const running = add(
    'run',
    'The service: takes webhooks, polls, and keeps both sides in step until SIGINT or SIGTERM; it ends when the calls in flight are done.',
    `  $ lockstep run
  $ lockstep run --yes                approves first syncs as soon as both sides were read`,
  ).option('-y, --yes', 'approve first syncs ahead, whatever their plans will be')
  does(running, (shell) => run(shell, { yes: running.opts<{ yes?: boolean }>().yes === true }))
}
