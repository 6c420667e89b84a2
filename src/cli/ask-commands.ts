/** The commands that tell how things stand. */
import { channelsList, channelsRenew } from './channels.ts'
import { divergencesList } from './divergences.ts'
import { explain } from './explain.ts'
import { history, queue } from './history.ts'
import type { Add, Does } from './command.ts'
import { ONE, questionOf, withQuestion } from './question.ts'
import { status } from './status.ts'

export function addAskCommands(add: Add, does: Does): void {
  const standing = add(
    'status',
    'How things stand: what is linked, due, held; connections, webhooks, rows of documented tables. Not 0 when something needs a person.',
    `  $ lockstep status
  $ lockstep status team
  $ lockstep status --json | jq .flows`,
  ).argument('[flow]', ONE)
  does(standing, (shell) => status(shell, { flow: standing.args[0] ?? null }))

  const explaining = add(
    'explain',
    'Everything about one item: what was seen, decided and done, on both sides.',
    `  $ lockstep explain spaces/AAAA1234/messages/abc
  $ lockstep explain 4711 --json | jq .journal`,
  ).argument('<ref>', "the item's ref, on either side")
  does(explaining, (shell) => explain(shell, { ref: explaining.args[0] ?? '' }))

  const past = withQuestion(
    add(
      'history',
      'What was done, the newest first, with the values before and after (--json).',
      `  $ lockstep history
  $ lockstep history team --kind post --since 2h
  $ lockstep history --person "Ann Lee" --since 2026-11-01 --until 2026-12-01 --json`,
    ),
  )
  does(past, (shell) => history(shell, questionOf(past, shell.clock.now())))

  const waiting = withQuestion(
    add(
      'queue',
      'What is still to do, the oldest first: items to look at, writes under way, hints; and what each waits for.',
      `  $ lockstep queue
  $ lockstep queue team --kind message --json`,
    ),
  )
  does(waiting, (shell) => queue(shell, questionOf(waiting, shell.clock.now())))

  const differing = add(
    'divergences',
    'What stays different because a system or a credential cannot say it; it is shown, and never tried again and again.',
    `  $ lockstep divergences
  $ lockstep divergences --json | jq '.[].why'`,
  )
  does(differing, divergencesList)
  addChannels(add, does)
}

function addChannels(add: Add, does: Does): void {
  const group = add(
    'channels',
    'Where systems were asked to send webhooks: until when, when they last did, and what keeps them from it.',
    `  $ lockstep channels
  $ lockstep channels renew`,
  )
  const list = add('list', 'Lists them.', '', group)
  does(list, channelsList)
  does(group, channelsList)
  const renewing = add('renew', 'Has them renewed now, before they end, or tried again.', '', group).argument(
    '[connection]',
    'of this connection alone',
  )
  does(renewing, (shell) => channelsRenew(shell, { connection: renewing.args[0] ?? null }))
}
