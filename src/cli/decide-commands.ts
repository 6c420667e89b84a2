/** The commands with which a person decides. */
import { InvalidArgumentError } from 'commander'
import { conflictsList, conflictsResolve, conflictsShow } from './conflicts.ts'
import { EXIT, UserError } from '../words/errors.ts'
import { heldDecide, heldList } from './held.ts'
import { peopleList, peopleMap, peopleUnmap } from './people.ts'
import type { Add, Does } from './command.ts'
import { ONE, when } from './question.ts'
import { targetsOf, undo } from './undo.ts'

export function addDecideCommands(add: Add, does: Does): void {
  addUndo(add, does)
  addConflicts(add, does)
  addHeld(add, does)
  addPeople(add, does)
}

function addUndo(add: Add, does: Does): void {
  const undoing = add(
    'undo',
    'Takes actions back: shows what that would do, asks, and does it on both sides. What it does can be undone in the same way.',
    `  $ lockstep undo 45                  an action, by its id in "lockstep history"
  $ lockstep undo r3 --yes            all that one run did
  $ lockstep undo --since 1h --flow team
  $ lockstep undo 45 --over           also what was changed since`,
  )
    .argument('[actions...]', 'ids of actions, or one run')
    .option('--since <when>', 'all from then on: "90m", "2h", "3d" ago, or a date or time')
    .option('--flow <flow>', 'of this flow alone')
    .option('--over', 'take back too what was changed since')
    .option('--past-brake', 'let go what the brake would hold')
    .option('-y, --yes', 'do it without asking')
  does(undoing, (shell) => {
    const given = undoing.opts<{ since?: string; flow?: string; over?: boolean; pastBrake?: boolean; yes?: boolean }>()
    return undo(shell, {
      ...targetsOf(undoing.args),
      since: given.since === undefined ? null : when('--since', given.since, shell.clock.now()),
      flow: given.flow ?? null,
      over: given.over === true,
      pastBrake: given.pastBrake === true,
      yes: given.yes === true,
    })
  })
}

function addConflicts(add: Add, does: Does): void {
  const group = add(
    'conflicts',
    'Fields that both sides changed: lists them, shows both values, settles them. Both values are kept.',
    `  $ lockstep conflicts
  $ lockstep conflicts show 3
  $ lockstep conflicts resolve 3 --with forum     the forum's value stands
  $ lockstep conflicts resolve 3 --with accept    the two stay different`,
  )
  const list = add('list', 'Lists the open ones.', '', group).option('--all', 'those that are settled or over too')
  does(list, (shell) => conflictsList(shell, { all: list.opts<{ all?: boolean }>().all === true }))
  does(group, (shell) => conflictsList(shell, { all: false }))
  const show = add('show', 'Shows both values in full.', '', group).argument('<id>', 'its id', idOf)
  does(show, (shell) => conflictsShow(shell, { id: idOf(show.args[0] ?? '') }))
  const resolve = add('resolve', 'Says which value stands.', '', group)
    .argument('<id>', 'its id', idOf)
    .requiredOption('--with <side>', 'a, b, the name of a connection, or accept')
  does(resolve, (shell) =>
    conflictsResolve(shell, { id: idOf(resolve.args[0] ?? ''), choice: resolve.opts<{ with: string }>().with }),
  )
}

function addPeople(add: Add, does: Does): void {
  const group = add(
    'people',
    'Who is one and the same in two systems: lists whom items name and nobody there is known to be, says who they are.',
    `  $ lockstep people
  $ lockstep people list --all
  $ lockstep people map work:users/123 forum:7
  $ lockstep people map work:users/123 forum:ann@example.org
  $ lockstep people unmap work:users/123`,
  )
  does(group, (shell) => peopleList(shell, { all: false }))
  const list = add('list', 'Lists them, with how many items wait for each.', '', group).option('--all', 'everybody')
  does(list, (shell) => peopleList(shell, { all: list.opts<{ all?: boolean }>().all === true }))
  const about = 'Says that they are one: items that named one of them get the other, within the brake.'
  const map = add('map', about, '', group).argument('<persons...>', 'of each connection one, as connection:ref')
  does(map, (shell) => peopleMap(shell, { persons: map.args }))
  const parting = 'Says that somebody is nobody elsewhere, whatever their e-mail. Nothing is written.'
  const unmap = add('unmap', parting, '', group).argument('<person>', 'as connection:ref')
  does(unmap, (shell) => peopleUnmap(shell, { person: unmap.args[0] ?? '' }))
}

function addHeld(add: Add, does: Does): void {
  const group = add(
    'held',
    'Actions that wait for a person: lists them, tries them again, approves or discards them.',
    `  $ lockstep held
  $ lockstep held approve 4 5
  $ lockstep held retry --all`,
  )
  const list = add('list', 'Lists them, with the reason of each.', '', group).argument('[flow]', ONE)
  does(list, (shell) => heldList(shell, { flow: list.args[0] ?? null }))
  does(group, (shell) => heldList(shell, { flow: null }))
  const decisions = [
    ['retry', 'retry', 'Tries them again: what was in the way is gone.'],
    ['approve', 'approved', 'Lets them be done, exactly as they were shown.'],
    ['discard', 'discarded', 'They are not done; the two sides stay different there.'],
  ] as const
  for (const [name, decision, about] of decisions) {
    const command = add(name, about, '', group)
      .argument('[ids...]', 'their ids', idOf)
      .option('--all', 'all that is held')
    does(command, (shell) => {
      const all = command.opts<{ all?: boolean }>().all === true
      const ids = command.args.map(idOf)
      if (all === ids.length > 0) throw whichOnes()
      return heldDecide(shell, { ids: all ? 'all' : ids, decision })
    })
  }
}

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('an id is a number')
  return Number(text)
}

function whichOnes(): UserError {
  return new UserError({
    code: 'which-ones',
    message: 'It is not clear which ones are meant.',
    remedy: 'Give their ids ("lockstep held" lists them), or --all.',
    exit: EXIT.configuration,
  })
}
