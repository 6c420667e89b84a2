/** `lockstep check` */
import { formatProblem, type Config, type Problem } from '../config/index.ts'
import type { Finding, CheckReport } from '../service/operations.ts'
import { EXIT, type ExitCode } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { counted } from '../words/numbers.ts'

/** What a person has to put right here, rather than wait for. */
const SETTINGS: ReadonlySet<string> = new Set([
  'scope-gone',
  'scope-forbidden',
  'connection',
  'flow-missing',
  'flow-swapped',
])

export async function check(shell: Shell, { offline }: { offline: boolean }): Promise<number> {
  const { out } = shell
  const found = shell.readConfig()
  if (found.config === null) {
    out.result({ ok: false, problems: found.problems, connections: [] }, () => problemsText(found.problems))
    return EXIT.configuration
  }
  const { config } = found
  if (offline) {
    const { aliases, notices } = config
    out.result({ ok: true, problems: [], connections: [], aliases, notices }, () =>
      [...variableLines(config), ...flowLines(config), `${config.path}: no problem found.`].join('\n'),
    )
    return EXIT.inStep
  }
  out.bar('Looking at connections and containers …')
  const report = await shell.operate(config, false, (operations) => operations.check())
  out.bar('')
  const { findings, connections } = report
  const { aliases, notices } = config
  const ok = findings.length === 0
  out.result({ ok, problems: findings, connections, aliases, notices }, () => reportText(config, report))
  return codeOf(findings)
}

function codeOf(findings: readonly Finding[]): ExitCode {
  if (findings.length === 0) return EXIT.inStep
  return findings.some(({ code }) => SETTINGS.has(code)) ? EXIT.configuration : EXIT.failed
}

function variableLines({ aliases, notices }: Config): string[] {
  return [
    ...aliases.map(({ place, variable }) => `${place}: given by the variable ${variable}`),
    ...notices.map(({ message, remedy }) => `${message}\n  → ${remedy}`),
  ]
}

/** Such a file is right, and keeps nothing in step. */
function flowLines({ flows }: Config): string[] {
  return flows.length === 0
    ? ['No flow is configured: nothing is kept in step.\n  → write one under "flows": docs/guide/configuration.md']
    : []
}

function problemsText(problems: readonly Problem[]): string {
  return [...problems.map(formatProblem), '', `${counted(problems.length, 'problem')} found.`].join('\n')
}

function reportText(config: Config, { findings, connections }: CheckReport): string {
  const accounts = connections
    .filter(({ actor }) => actor !== null)
    .map(({ id, actor }) => `${id}: works, as ${actor ?? ''}`)
  const problems = findings.map(({ place, message, remedy }) => {
    const where = place === '' ? '' : `${place}: `
    return `${where}${message}\n${remedy
      .split('\n')
      .map((line) => `  → ${line}`)
      .join('\n')}`
  })
  const end = findings.length === 0 ? 'no problem found' : `${counted(findings.length, 'problem')} found`
  return [...variableLines(config), ...accounts, ...problems, ...flowLines(config), '', `${config.path}: ${end}.`].join(
    '\n',
  )
}
