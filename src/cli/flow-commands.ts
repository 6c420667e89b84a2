/** The commands about whole flows. */
import { backfill } from './backfill.ts'
import { flowsAdopt, flowsLift, flowsList, flowsPause, flowsRemove } from './flows.ts'
import { ONE, when } from './question.ts'
import { linksExport, linksImport, linksList } from './links.ts'
import type { Add, Does } from './command.ts'

/** Of which flows. */
const EACH = 'one flow, or a template with all its accounts'

export function addFlowCommands(add: Add, does: Does): void {
  const filling = add(
    'backfill',
    "Wants what came before a flow's start as well, from a date on: shows how much that is, asks, and makes it due. The brake counts it.",
    `  $ lockstep backfill team --since 2026-01-01
  $ lockstep backfill team --since 30d --yes`,
  )
    .argument('<flow>')
    .requiredOption('--since <when>', 'from then on: a date, or "30d" ago')
    .option('-y, --yes', 'do it without asking')
  does(filling, (shell) => {
    const { since, yes } = filling.opts<{ since: string; yes?: boolean }>()
    return backfill(shell, {
      flow: filling.args[0] ?? '',
      since: when('--since', since, shell.clock.now()),
      yes: yes === true,
    })
  })
  addLinkCommands(add, does)
  addFlows(add, does)
}

function addLinkCommands(add: Add, does: Does): void {
  const links = add(
    'links',
    'Which items stand for each other: lists them, writes them as CSV, takes over those of an existing service.',
    `  $ lockstep links
  $ lockstep links export > links.csv
  $ lockstep links import links.csv     before the first sync, so that nothing is copied that stands there already`,
  )
  does(links, (shell) => linksList(shell, { flow: null }))
  const listing = add('list', 'Lists them.', '', links).argument('[flow]', ONE)
  does(listing, (shell) => linksList(shell, { flow: listing.args[0] ?? null }))
  const exporting = add('export', 'Writes them as CSV: flow, pair of kinds, and the ref on either side.', '', links)
  exporting.argument('[flow]', ONE)
  does(exporting, (shell) => linksExport(shell, { flow: exporting.args[0] ?? null }))
  const importing = add('import', 'Takes over pairs: as they are, the two agree; nothing is written.', '', links)
  importing.argument('<file>', 'CSV with the same columns')
  does(importing, (shell) => linksImport(shell, { file: importing.args[0] ?? '' }))
}

function addFlows(add: Add, does: Does): void {
  const group = add(
    'flows',
    'The flows of the configuration: lists them, stops one for a while; and what becomes of one that is no longer named.',
    `  $ lockstep flows
  $ lockstep flows pause team                    nothing of it is written until it is resumed
  $ lockstep flows resume team
  $ lockstep flows pause team --scope 12         of this container and its counterpart alone
  $ lockstep flows lift-brake team --for 2h      approves ahead what the brake would hold
  $ lockstep flows rename old-team team          after its id was changed in the configuration
  $ lockstep flows pause events/ann              of a template: of one account; "events" is all of them
  $ lockstep flows remove old-team               forgets it; nothing is deleted in either system`,
  )
  does(group, (shell) => flowsList(shell))
  does(add('list', 'Lists them, with what each is doing.', '', group), (shell) => flowsList(shell))
  const pause = add(
    'pause',
    'Stops a flow, or one pair of its containers: it is read, and nothing of it is written.',
    '',
    group,
  )
  const resume = add('resume', 'Lets it go on, with what has come meanwhile.', '', group)
  for (const command of [pause, resume]) {
    command
      .argument('<flow>', EACH)
      .option('--scope <container>', 'one pair of containers, by the ref or the name of either')
    does(command, (shell) => {
      const scope = command.opts<{ scope?: string }>().scope ?? null
      return flowsPause(shell, { flow: command.args[0] ?? '', scope, paused: command === pause })
    })
  }
  const lift = add('lift-brake', 'Lifts its brake for a while, ahead of a bulk job; what it holds goes.', '', group)
    .argument('<flow>', EACH)
    .option('--for <time>', 'how long: "30m", "2h"')
    .option('--end', 'the brake works again')
  does(lift, (shell) => {
    const { for: span, end } = lift.opts<{ for?: string; end?: boolean }>()
    return flowsLift(shell, { flow: lift.args[0] ?? '', span: span ?? null, end: end === true })
  })
  const rename = add('rename', 'Follows a change of its id in the configuration.', '', group)
    .argument('<old>', 'the id that the configuration had')
    .argument('<new>', 'the id that it has now')
  does(rename, (shell) => flowsAdopt(shell, { from: rename.args[0] ?? '', to: rename.args[1] ?? '' }))
  const adopt = add('adopt', 'Hands its items to another flow between the same connections.', '', group)
    .argument('<old>', 'the id that the configuration had')
    .requiredOption('--as <flow>', 'the id that it has now')
  does(adopt, (shell) => flowsAdopt(shell, { from: adopt.args[0] ?? '', to: adopt.opts<{ as: string }>().as }))
  const remove = add('remove', 'Forgets its items; both systems keep what they hold.', '', group)
  remove.argument('<old>', 'the id that the configuration had; of a template: all accounts that are gone')
  does(remove, (shell) => flowsRemove(shell, { flow: remove.args[0] ?? '' }))
}
