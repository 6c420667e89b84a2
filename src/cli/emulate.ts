/** `lockstep emulate` */
import type { Shell } from './shell.ts'
import { nearest } from '../config/problem.ts'
import { codeOf } from '../store/errors.ts'
import { EXIT, UserError } from '../words/errors.ts'

/** A stand-in for a system, as the composition root starts it. */
export interface Emulated {
  readonly name: string
  readonly options: Readonly<Record<string, string>>
  readonly scope: string
  readonly served: { readonly url: string; close(): Promise<void> }
}

export interface Emulation {
  readonly known: readonly string[]
  /** Whether a flow between the two needs no pairs of its own. */
  joins(a: string, b: string): boolean
  start(name: string, port: number): Promise<Emulated>
}

export async function emulate(
  shell: Shell,
  emulation: Emulation,
  { systems, port }: { systems: readonly string[]; port: number },
): Promise<number> {
  for (const name of systems) if (!emulation.known.includes(name)) throw unknownSystem(name, emulation.known)
  const twice = systems.find((name, index) => systems.indexOf(name) < index)
  if (twice !== undefined) throw namedTwice(twice)
  const started: Emulated[] = []
  await shell.busy(async () => {
    for (const [index, name] of systems.entries())
      started.push(await startOn(emulation, name, port === 0 ? 0 : port + index))
    const facts = started.map(({ name, served, options, scope }) => ({ name, url: served.url, scope, options }))
    shell.out.made(facts, () => configText(started, emulation))
    shell.out.note('Running; Ctrl-C ends it.')
    await new Promise<void>((resolve) => shell.signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.all(started.map((each) => each.served.close()))
  })
  return EXIT.inStep
}

async function startOn(emulation: Emulation, name: string, port: number): Promise<Emulated> {
  if (port > HIGHEST) throw noPort(name, port, `there is no port above ${HIGHEST}`)
  try {
    return await emulation.start(name, port)
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    throw noPort(name, port, code === 'EACCES' ? 'this user may not' : 'another program does')
  }
}

const HIGHEST = 65_535

/** A whole configuration where two systems were started that a flow can join as it is, so that it can be tried at once. */
function configText(started: readonly Emulated[], { joins }: Emulation): string {
  const lines = ['# lockstep.yaml for these stand-ins', 'connections:']
  for (const { name, options } of started) {
    lines.push(`  ${idOf(name)}:`, `    connector: ${name}`)
    for (const [option, value] of Object.entries(options)) lines.push(`    ${option}: ${quoted(value)}`)
    lines.push(...(OPEN[name] ?? []).map((line) => `    # ${line}`))
  }
  const [a, b] = started
  const isWhole = started.every(({ name }) => OPEN[name] === undefined)
  if (a !== undefined && b !== undefined && started.length === 2 && isWhole && joins(a.name, b.name))
    lines.push(
      'flows:',
      '  team:',
      `    between: [${idOf(a.name)}, ${idOf(b.name)}]`,
      `    scopes: [[${a.scope}, ${b.scope}]]`,
    )
  else
    lines.push(
      '# A flow between these is yours to write (docs/guide/configuration.md). The containers that they begin with:',
      ...started.map(({ name, scope }) => `#   ${idOf(name)}: ${scope}`),
    )
  return lines.join('\n')
}

/** What only whoever tries it can say of a connection: `check` asks for it. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  airtable: ['tables: the tables of its base, and their fields (docs/connectors/airtable.md)'],
}

function quoted(value: string): string {
  return /^(on|off|yes|no|true|false|\d.*)$/i.test(value) ? `"${value}"` : value
}

/** What the connection to a stand-in is called, where that is not its own name. */
const ids: Readonly<Record<string, string>> = {
  'google-calendar': 'calendar',
  'google-chat': 'chat',
  discourse: 'forum',
}

function idOf(name: string): string {
  return ids[name] ?? name
}

function unknownSystem(name: string, known: readonly string[]): UserError {
  const meant = nearest(name, known)
  return new UserError({
    code: 'unknown-system',
    message: `There is no stand-in for "${name}".`,
    remedy: meant === null ? `Choose of: ${known.join(', ')}` : `Did you mean "${meant}"?`,
    exit: EXIT.configuration,
  })
}

function noPort(name: string, port: number, why: string): UserError {
  return new UserError({
    code: 'port-in-use',
    message: `The stand-in for ${name} cannot listen on 127.0.0.1:${port}: ${why}.`,
    remedy: 'Name another --port, from which each system takes the next one; without it any free ones are taken.',
    exit: EXIT.configuration,
  })
}

/** Both would have one name in the configuration that is printed. */
function namedTwice(name: string): UserError {
  return new UserError({
    code: 'named-twice',
    message: `"${name}" is named twice.`,
    remedy: 'Name each system once; for a second one, run the command once more.',
    exit: EXIT.configuration,
  })
}
