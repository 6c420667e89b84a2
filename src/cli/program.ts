/** Parses the command line: one command, its options, its help. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Shell } from './shell.ts'
import { EXIT } from './errors.ts'
import { emulate, type Emulation } from './emulate.ts'
import { plan } from './plan.ts'
import { run } from './run.ts'
import { status } from './status.ts'
import { sync } from './sync.ts'

export interface Common {
  readonly config: string
  readonly json: boolean
  readonly verbose: boolean
  /** The command's name, 'sync'. */
  readonly command: string
}

export interface ProgramOptions {
  readonly version: string
  /** Runs a command in the shell that its common options call for; answers its exit code. */
  readonly start: (common: Common, work: (shell: Shell) => Promise<number>) => Promise<number>
  readonly emulation: Emulation
  readonly write: { readonly out: (text: string) => void; readonly err: (text: string) => void }
}

const DEFAULT_CONFIG = './lockstep.yaml'

const ABOUT = `Keeps two systems saying the same thing, in both directions.

A first look:
  $ lockstep check                 is the configuration right, are the accounts usable?
  $ lockstep plan                  what would be done, item by item
  $ lockstep sync                  do it once; a first sync asks before it writes
  $ lockstep run                   keep both sides in step until told to stop
  $ lockstep status                how things stand; works while "run" runs, as all commands do`

const EXITS = `
Exit codes: 0 in step · 1 failed · 2 configuration · 3 held or conflicts · 4 brake`

/** Answers the exit code. */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<number> {
  let code: number = EXIT.inStep
  const root = new Command('lockstep')
    .description(ABOUT)
    .version(options.version)
    .addHelpText('after', EXITS)
    .configureOutput({ writeOut: options.write.out, writeErr: options.write.err })
    .helpCommand(true)
    .showSuggestionAfterError()
    .exitOverride()
  withCommon(root)

  const add: Add = (name, about, examples) => {
    const command = root.command(name).description(about).exitOverride()
    if (examples !== '') command.addHelpText('after', `\nExamples:\n${examples}`)
    return withCommon(command)
  }
  const does: Does = (command, work) =>
    command.action(async () => {
      const given = command.optsWithGlobals<{ config?: string; json?: boolean; verbose?: boolean }>()
      const common = {
        config: given.config ?? DEFAULT_CONFIG,
        json: given.json === true,
        verbose: given.verbose === true,
        command: command.name(),
      }
      code = await options.start(common, work)
    })
  addSyncCommands(add, does)
  addTryCommands(add, does, options.emulation)
  try {
    await root.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.inStep : EXIT.configuration
    throw error
  }
}

type Add = (name: string, about: string, examples: string) => Command
type Does = (command: Command, work: (shell: Shell) => Promise<number>) => void

function withCommon(command: Command): Command {
  return command
    .addOption(new Option('-c, --config <file>', `the configuration (default: ${DEFAULT_CONFIG})`))
    .addOption(new Option('--json', 'JSON alone on stdout; progress goes to stderr'))
    .addOption(new Option('-v, --verbose', 'tell more').hideHelp())
}

function addSyncCommands(add: Add, does: Does): void {
  const planning = add(
    'plan',
    'Shows what a sync would do, item by item. Writes to neither system.',
    `  $ lockstep plan
  $ lockstep plan team --json | jq '.lines[] | select(.hold)'`,
  ).argument('[flow]', 'one flow; all where absent')
  does(planning, (shell) => plan(shell, { flow: planning.args[0] ?? null }))

  const syncing = add(
    'sync',
    'Brings both sides together once. The first sync of a flow shows its plan and asks.',
    `  $ lockstep sync
  $ lockstep sync team --yes          approves a first sync
  $ lockstep sync --full              reads everything anew, also what no feed reports
  $ lockstep sync --item 4711         looks at one item`,
  )
    .argument('[flow]', 'one flow; all where absent')
    .option('--item <ref>', 'look at this item again, whatever else there is')
    .option('--full', 'read every scope whole')
    .option('-y, --yes', 'approve a first sync without asking')
  does(syncing, (shell) => {
    const { item, full, yes } = syncing.opts<{ item?: string; full?: boolean; yes?: boolean }>()
    return sync(shell, { flow: syncing.args[0] ?? null, item: item ?? null, full: full === true, yes: yes === true })
  })

  const running = add(
    'run',
    'The service: takes webhooks, polls, and keeps both sides in step until SIGINT or SIGTERM; it ends when the calls in flight are done.',
    `  $ lockstep run
  $ lockstep run --yes                approves first syncs as soon as both sides were read`,
  ).option('-y, --yes', 'approve first syncs without asking')
  does(running, (shell) => run(shell, { yes: running.opts<{ yes?: boolean }>().yes === true }))

  const standing = add(
    'status',
    'How things stand: what is linked, due, held; connections and webhooks. Not 0 when something needs a person.',
    `  $ lockstep status
  $ lockstep status --json | jq .flows`,
  )
  does(standing, status)
}

function addTryCommands(add: Add, does: Does, emulation: Emulation): void {
  const emulating = add(
    'emulate',
    'Starts local stand-ins for systems, and prints a configuration for them.',
    `  $ lockstep emulate google-chat discourse > lockstep.yaml`,
  )
    .argument('<system...>', emulation.known.join(', '))
    .option('--port <number>', 'the first port; any free ones where absent', portOf, 0)
  does(emulating, (shell) =>
    emulate(shell, emulation, { systems: emulating.args, port: emulating.opts<{ port: number }>().port }),
  )
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number up to 65535')
  return port
}
