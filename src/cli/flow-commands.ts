/** The commands about whole flows. */
import { flowsAdopt, flowsList, flowsPause, flowsRemove } from './flows.ts'
import type { Add, Does } from './program.ts'

export function addFlowCommands(add: Add, does: Does): void {
  const group = add(
    'flows',
    'The flows of the configuration: lists them, stops one for a while; and what becomes of one that is no longer named.',
    `  $ lockstep flows
  $ lockstep flows pause team                    nothing of it is written until it is resumed
  $ lockstep flows resume team
  $ lockstep flows rename old-team team          after its id was changed in the configuration
  $ lockstep flows remove old-team               forgets it; nothing is deleted in either system`,
  )
  does(group, (shell) => flowsList(shell))
  does(add('list', 'Lists them, with what each is doing.', '', group), (shell) => flowsList(shell))
  const pause = add('pause', 'Stops a flow: it is read, and nothing of it is written.', '', group).argument('<flow>')
  does(pause, (shell) => flowsPause(shell, { flow: pause.args[0] ?? '', paused: true }))
  const resume = add('resume', 'Lets it go on, with what has come meanwhile.', '', group).argument('<flow>')
  does(resume, (shell) => flowsPause(shell, { flow: resume.args[0] ?? '', paused: false }))
  const rename = add('rename', 'Follows a change of its id in the configuration.', '', group)
    .argument('<old>', 'the id that the configuration had')
    .argument('<new>', 'the id that it has now')
  does(rename, (shell) => flowsAdopt(shell, { from: rename.args[0] ?? '', to: rename.args[1] ?? '' }))
  const adopt = add('adopt', 'Hands its items to another flow between the same connections.', '', group)
    .argument('<old>', 'the id that the configuration had')
    .requiredOption('--as <flow>', 'the id that it has now')
  does(adopt, (shell) => flowsAdopt(shell, { from: adopt.args[0] ?? '', to: adopt.opts<{ as: string }>().as }))
  const remove = add('remove', 'Forgets its items; both systems keep what they hold.', '', group).argument('<old>')
  does(remove, (shell) => flowsRemove(shell, { flow: remove.args[0] ?? '' }))
}
