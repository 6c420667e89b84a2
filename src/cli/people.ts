/** `lockstep people` */
import type { PersonEntry } from '../store/verbs/people.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { counted } from '../words/numbers.ts'

export async function peopleList(shell: Shell, { all }: { all: boolean }): Promise<number> {
  const known = await shell.operate(shell.config(), false, (operations) => operations.people())
  const found = all ? known : known.filter(({ aliases, items }) => aliases.length === 0 && items > 0)
  shell.out.result(found, () => {
    if (found.length === 0)
      return all ? 'Nobody is known yet.' : 'Everybody whom items name is known on the other side.'
    const rows = found.map((each) => [
      `${each.connection}:${plain(each.ref, 60)}`,
      plain(each.name ?? '', 40),
      plain(each.email ?? '', 60),
      String(each.waiting),
      plain(aliasesOf(each), 100),
    ])
    const remedy = 'Say who somebody is: lockstep people map <connection>:<ref> <connection>:<ref>'
    return [
      table(['PERSON', 'NAME', 'E-MAIL', 'WAITING', 'IS ALSO'], rows, { width: shell.out.width, elastic: 4 }),
      '',
      remedy,
    ].join('\n')
  })
  return EXIT.inStep
}

function aliasesOf({ aliases }: PersonEntry): string {
  return aliases.map(({ connection, ref, by }) => `${connection}:${ref} (by ${by})`).join(', ')
}

export async function peopleMap(shell: Shell, { persons }: { persons: readonly string[] }): Promise<number> {
  const given = persons.map(personOf)
  const twice = given.find(({ connection }, at) => given.findIndex((each) => each.connection === connection) < at)
  if (given.length < 2 || twice !== undefined) throw noPerson('one person of each of two or more connections is needed')
  const concerned = await shell.operate(shell.config(), false, (operations) => operations.mapPeople({ persons: given }))
  shell.out.result(
    { persons: given, concerned },
    () => `${persons.join(' and ')} are one person. ${planned(concerned)}`,
  )
  return EXIT.inStep
}

export async function peopleUnmap(shell: Shell, { person }: { person: string }): Promise<number> {
  const given = personOf(person)
  const concerned = await shell.operate(shell.config(), false, (operations) =>
    operations.unmapPerson({ person: given }),
  )
  shell.out.result({ person: given, concerned }, () => `${person} is nobody elsewhere. ${planned(concerned)}`)
  return EXIT.inStep
}

function planned(items: number): string {
  return items === 0 ? 'No item names them.' : `${counted(items, 'item')} ${items === 1 ? 'is' : 'are'} planned again.`
}

function personOf(text: string): { connection: string; ref: string } {
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) throw noPerson(`"${text}" names no person`)
  return { connection: text.slice(0, colon), ref: text.slice(colon + 1) }
}

function noPerson(why: string): UserError {
  return new UserError({
    code: 'no-person',
    message: `Nobody was mapped: ${why}.`,
    remedy: 'Write <connection>:<ref>, or an e-mail in place of the ref; "lockstep people list --all" shows them.',
    exit: EXIT.configuration,
  })
}
