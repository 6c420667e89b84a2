/** The commands that come before the first sync. */
import { Argument, InvalidArgumentError } from 'commander'
import { check } from './check.ts'
import { configText } from './config.ts'
import { emulate } from './emulate.ts'
import { probe } from './probe.ts'
import type { Add, Does, ProgramOptions } from './program.ts'

export function addSetUpCommands(
  add: Add,
  does: Does,
  { emulation, texts }: Pick<ProgramOptions, 'emulation' | 'texts'>,
): void {
  const checking = add(
    'check',
    'Reads the configuration and reports every problem with its place and remedy; then asks the systems whether connections and containers can be used.',
    `  $ lockstep check
  $ lockstep check --offline          the file alone
  $ lockstep check -c team.yaml --json`,
  ).option('--offline', 'look at the file alone')
  does(checking, (shell) => check(shell, { offline: checking.opts<{ offline?: boolean }>().offline === true }))

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
