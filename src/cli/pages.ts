/** The page of each command, out of its help. Run as a program it refreshes docs/commands. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { createProgram } from './program.ts'

const WIDTH = 100
const NOTE = '<!-- generated from the help of the command: node src/cli/pages.ts -->'

/** By path from the root of the project. */
export function pages(): Readonly<Record<string, string>> {
  let said = ''
  const root = createProgram(
    {
      version: '',
      start: () => Promise.resolve(0),
      emulation: {
        known: ['google-chat', 'discourse', 'google-calendar', 'teamwork', 'missive', 'airtable'],
        joins: () => false,
        start: () => Promise.reject(new Error('no page starts one')),
      },
      texts: { schema: () => null, environment: () => '', example: () => '' },
      write: { out: (text) => (said += text), err: () => undefined },
      help: { getOutHelpWidth: () => WIDTH },
    },
    () => undefined,
  )
  const helpOf = (command: Command): string => {
    said = ''
    command.outputHelp()
    return said.trimEnd()
  }
  const commands = root.commands.filter((command) => command.name() !== 'help')
  return {
    'docs/commands/README.md': `${indexOf(commands)}\n`,
    ...Object.fromEntries(
      commands.map((command) => [`docs/commands/${command.name()}.md`, `${pageOf(command, helpOf)}\n`]),
    ),
  }
}

function indexOf(commands: readonly Command[]): string {
  const rows = commands.map((command) => `| [\`${command.name()}\`](${command.name()}.md) | ${command.description()} |`)
  return ['# Commands', '', NOTE, '', '| command | does |', '|---|---|', ...rows].join('\n')
}

function pageOf(command: Command, helpOf: (command: Command) => string): string {
  const under = command.commands.filter((each) => each.name() !== 'help')
  return [
    `# lockstep ${command.name()}`,
    '',
    NOTE,
    '',
    fenced(helpOf(command)),
    ...under.flatMap((each) => ['', `## lockstep ${command.name()} ${each.name()}`, '', fenced(helpOf(each))]),
    '',
    '[All commands](README.md) · [operating](../guide/operating.md)',
  ].join('\n')
}

function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = new URL('../../', import.meta.url)
  mkdirSync(new URL('docs/commands/', root), { recursive: true })
  for (const [path, text] of Object.entries(pages())) writeFileSync(new URL(path, root), text)
}
