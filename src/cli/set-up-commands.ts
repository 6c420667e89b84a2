/** The commands that come before the first sync. */
import { Argument, InvalidArgumentError } from 'commander'
import { captureChange, captureCheck, capturePrint, type Change } from './capture.ts'
import { check } from './check.ts'
import { configText } from './config.ts'
import { TEMPLATES } from '../init/index.ts'
import { emulate } from './emulate.ts'
import { init } from './init.ts'
import { probe } from './probe.ts'
import type { Add, Does, ProgramOptions } from './command.ts'
import { tablesCreate, tablesPlan, tablesPrint } from './tables.ts'

export function addSetUpCommands(
  add: Add,
  does: Does,
  { emulation, texts }: Pick<ProgramOptions, 'emulation' | 'texts'>,
): void {
  addInit(add, does)

  const checking = add(
    'check',
    'Reads the configuration and reports every problem with its place and remedy; then asks the systems whether connections and containers can be used.',
    `  $ lockstep check
  $ lockstep check --offline          the file alone
  $ lockstep check -c team.yaml --json`,
  ).option('--offline', 'look at the file alone')
  does(checking, (shell) => check(shell, { offline: checking.opts<{ offline?: boolean }>().offline === true }))

  addCapture(add, does)
  addTables(add, does)

  const probing = add(
    'probe',
    'Tries on a real account what its connector relies on: makes items of its own in a container that is there for this alone, changes and removes them, and says which behaviours differ. Asks first.',
    `  $ lockstep probe forum --scope 12
  $ lockstep probe chat --scope spaces/AAAA1234 --yes --json`,
  )
    .argument('<connection>', 'its id')
    .requiredOption('--scope <ref>', 'a container that no flow reads')
    .option('-y, --yes', 'do it without asking')
  does(probing, (shell) => {
    const { scope, yes } = probing.opts<{ scope: string; yes?: boolean }>()
    return probe(shell, { connection: probing.args[0] ?? '', scope, yes: yes === true })
  })

  const showing = add(
    'config',
    'Prints what helps to write a configuration.',
    `  $ lockstep config example > lockstep.yaml
  $ lockstep config env > .env
  $ lockstep config schema > lockstep.schema.json`,
  ).addArgument(new Argument('<what>', 'what to print').choices(['example', 'env', 'schema']))
  does(showing, (shell) => configText(shell, texts, whatOf(showing.args[0])))

  const emulating = add(
    'emulate',
    'Starts local stand-ins for systems, and prints a configuration for them.',
    `  $ lockstep emulate google-chat discourse > lockstep.yaml
  $ lockstep emulate google-calendar`,
  )
    .argument('<system...>', emulation.known.join(', '))
    .option('--port <number>', 'the first port; any free ones where absent', portOf, 0)
  does(emulating, (shell) =>
    emulate(shell, emulation, { systems: emulating.args, port: emulating.opts<{ port: number }>().port }),
  )
}

function whatOf(text: string | undefined): 'schema' | 'example' | 'env' {
  return text === 'schema' || text === 'env' ? text : 'example'
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number up to 65535')
  return port
}

function addTables(add: Add, does: Does): void {
  const group = add(
    'tables',
    'Tables for what flows bring: the documented ones in a database, for what Teamwork and Missive hold, or those that the configuration names in Airtable. Shows the statements, makes what is missing. Nothing is ever dropped.',
    `  $ lockstep tables print warehouse > tables.sql    all of it
  $ lockstep tables plan warehouse                  what is missing in the database as it is now
  $ lockstep tables create warehouse                shows that, asks, runs it`,
  )
  const print = add('print', 'Prints the statements for all of them and asks no system.', '', group).argument(
    '<connection>',
    'its id',
  )
  does(print, (shell) => tablesPrint(shell, { connection: print.args[0] ?? '' }))
  const planning = add(
    'plan',
    'Prints the statements for what is missing: tables, columns or fields, views, rights.',
    '',
    group,
  ).argument('<connection>', 'its id')
  does(planning, (shell) => tablesPlan(shell, { connection: planning.args[0] ?? '' }))
  const creating = add('create', 'Makes what is missing. Shows the statements and asks.', '', group)
    .argument('<connection>', 'its id')
    .option('-y, --yes', 'do it without asking')
  does(creating, (shell) =>
    tablesCreate(shell, {
      connection: creating.args[0] ?? '',
      yes: creating.opts<{ yes?: boolean }>().yes === true,
    }),
  )
}

function addCapture(add: Add, does: Does): void {
  const group = add(
    'capture',
    'What notes the changes of tables in a database of your own: triggers and a table that they fill. Shows the SQL, installs it, takes it away again.',
    `  $ lockstep capture print app > migration.sql     for the application's own migrations
  $ lockstep capture install app                    shows the SQL, asks, runs it
  $ lockstep capture check app                      whether all of it is there
  $ lockstep capture remove app`,
  )
  const print = add('print', 'Prints the SQL and runs nothing.', '', group)
    .argument('<connection>', 'its id')
    .option('--remove', 'the SQL that takes it away again')
  does(print, (shell) =>
    capturePrint(shell, {
      connection: print.args[0] ?? '',
      remove: print.opts<{ remove?: boolean }>().remove === true,
    }),
  )
  const checking = add('check', 'Says what of it is missing, or is not as the tables need it.', '', group).argument(
    '<connection>',
    'its id',
  )
  does(checking, (shell) => captureCheck(shell, { connection: checking.args[0] ?? '' }))
  const changes = { install: 'Installs it, or puts right what is missing.', remove: 'Leaves the database as it was.' }
  for (const what of ['install', 'remove'] as const satisfies readonly Change[]) {
    const command = add(what, `${changes[what]} Shows the SQL and asks.`, '', group)
      .argument('<connection>', 'its id')
      .option('-y, --yes', 'do it without asking')
    does(command, (shell) =>
      captureChange(shell, {
        connection: command.args[0] ?? '',
        what,
        yes: command.opts<{ yes?: boolean }>().yes === true,
      }),
    )
  }
}

function addInit(add: Add, does: Does): void {
  const initing = add(
    'init',
    'Writes a commented configuration to begin with: asks what it has to know, shows what it makes of it, and never writes over a file. For a table and a calendar it reads the table, proposes which column is what, and shows a row as an event and back.',
    `  $ lockstep init
  $ lockstep init --template calendar
  $ lockstep init --template chat-discourse --print
  $ lockstep init --template calendar --answer url=sqlite:./app.db --answer table=events …`,
  )
    .option('--template <name>', TEMPLATES.map(({ id }) => id).join(', '))
    .option(
      '--answer <question=answer>',
      'an answer given ahead; may be repeated',
      (each: string, all: string[]) => [...all, each],
      [],
    )
    .option('--print', 'print it, and write nothing')
  does(initing, (shell) => {
    const { template, answer, print, config } = initing.optsWithGlobals<{
      template?: string
      answer: string[]
      print?: boolean
      config?: string
    }>()
    return init(shell, {
      template: template ?? null,
      answers: answer,
      to: config ?? './lockstep.yaml',
      print: print === true,
    })
  })
}
