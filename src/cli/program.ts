/** Parses the command line: one command, its options, its help. */
import { Command, CommanderError, Option } from 'commander'
import { EXIT } from '../words/errors.ts'
import { addAskCommands } from './ask-commands.ts'
import { addDecideCommands } from './decide-commands.ts'
import { addFlowCommands } from './flow-commands.ts'
import { addKeepCommands } from './keep-commands.ts'
import { addSetUpCommands } from './set-up-commands.ts'
import { addSignInCommands } from './sign-in-commands.ts'
import { addSyncCommands } from './sync-commands.ts'
import type { Add, Does, ProgramOptions } from './command.ts'

const DEFAULT_CONFIG = './lockstep.yaml'

const ABOUT = `Keeps two systems saying the same thing, in both directions.

A first look:
  $ lockstep check      is the configuration right, are the accounts usable?
  $ lockstep plan       what would be done, item by item
  $ lockstep sync       do it once; a first sync asks before it writes
  $ lockstep run        keep both sides in step until told to stop
  $ lockstep status     how things stand

Every command works while "lockstep run" runs.`

const EXITS = `
Exit codes: 0 in step · 1 failed · 2 configuration · 3 held or conflicts · 4 brake`

/** Answers the exit code. */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<number> {
  let code: number = EXIT.inStep
  const root = createProgram(options, (ended) => (code = ended))
  try {
    await root.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.inStep
    if (argv.includes('--json')) options.write.out(`${JSON.stringify(usageError(error, argv))}\n`)
    return EXIT.configuration
  }
}

/** As every other error of a command that a program reads. */
function usageError({ code, message }: CommanderError, argv: readonly string[]): object {
  const command = code === 'commander.unknownCommand' ? undefined : argv.find((each) => !each.startsWith('-'))
  const remedy = `lockstep ${command === undefined ? '' : `${command} `}--help`
  return { error: { code: 'usage', message: message.replace(/^error: /, ''), remedy } }
}

/** All commands. `ended` is told the exit code of the one that ran. */
export function createProgram(options: ProgramOptions, ended: (code: number) => void): Command {
  const root = new Command('lockstep')
    .description(ABOUT)
    .version(options.version)
    .addHelpText('after', EXITS)
    .configureOutput({ writeOut: options.write.out, writeErr: options.write.err, ...options.help })
    .helpCommand(true)
    .showSuggestionAfterError()
    .exitOverride()
  withCommon(root)

  const add: Add = (name, about, examples, under = root) => {
    const command = under.command(name).description(about).exitOverride()
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
      ended(await options.start(common, work))
    })
  addSetUpCommands(add, does, options)
  addSignInCommands(add, does)
  addSyncCommands(add, does)
  addAskCommands(add, does)
  addDecideCommands(add, does)
  addFlowCommands(add, does)
  addKeepCommands(add, does)
  return root
}

function withCommon(command: Command): Command {
  return command
    .addOption(new Option('-c, --config <file>', `the configuration (default: ${DEFAULT_CONFIG})`))
    .addOption(new Option('--json', 'JSON alone on stdout; progress goes to stderr'))
    .addOption(new Option('-v, --verbose', 'tell more').hideHelp())
}
