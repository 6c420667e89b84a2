/** `lockstep links` */
import type { Given, LinkRow } from '../store/verbs/adoption.ts'
import { EXIT, UserError } from './errors.ts'
import type { Shell } from './shell.ts'
import { table } from './table.ts'
import { counted } from './words.ts'

const SHOWN = 100
const HEAD = ['flow', 'pair', 'a', 'b'] as const

export async function linksList(shell: Shell, { flow }: { flow: string | null }): Promise<number> {
  const limit = shell.out.json ? null : SHOWN
  const found = await shell.operate(shell.config(), false, (operations) => operations.links({ flow, limit }))
  shell.out.result(found, () => {
    if (found.length === 0) return 'Nothing is linked.'
    const rows = found.map((each) => [each.flow, each.pair, each.a, each.b, each.state])
    const more = found.length === SHOWN ? ['', 'The first of them; "lockstep links export" writes all.'] : []
    return [table(['FLOW', 'PAIR', 'A', 'B', 'STATE'], rows, { width: shell.out.width, elastic: 2 }), ...more].join(
      '\n',
    )
  })
  return EXIT.inStep
}

export async function linksExport(shell: Shell, { flow }: { flow: string | null }): Promise<number> {
  const found = await shell.operate(shell.config(), false, (operations) => operations.links({ flow, limit: null }))
  shell.out.result(found, () => csvOf(found))
  return EXIT.inStep
}

function csvOf(links: readonly LinkRow[]): string {
  return [HEAD.join(','), ...links.map((each) => HEAD.map((name) => quoted(each[name])).join(','))].join('\n')
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

export async function linksImport(shell: Shell, { file }: { file: string }): Promise<number> {
  const text = shell.files.read(file)
  if (text === null) throw noLinks(`there is no file ${file}`)
  const links = linksIn(text)
  const report = await shell.operate(shell.config(), true, (operations) => operations.giveLinks({ links }))
  shell.out.result(report, () =>
    [
      `${counted(report.linked, 'link')} taken over${report.waiting > 0 ? `, ${report.waiting} as soon as both items are seen` : ''}.`,
      ...report.refused.map(({ pair, a, b }) => `  ! ${pair} ${a} and ${b}: one of them is linked to something else`),
    ].join('\n'),
  )
  return report.refused.length > 0 ? EXIT.held : EXIT.inStep
}

function linksIn(text: string): readonly Given[] {
  const [head = [], ...rows] = rowsOf(text)
  const at = HEAD.map((name) => head.indexOf(name))
  if (at.includes(-1)) throw noLinks(`its first line has to name ${HEAD.join(', ')}`)
  return rows.map((row, index) => {
    const [flow, pair, a, b] = at.map((column) => row[column] ?? '')
    if (row.length !== head.length || !flow || !pair || !a || !b)
      throw noLinks(`line ${index + 2} does not have a value for each of ${HEAD.join(', ')}`)
    return { flow, pair, a, b }
  })
}

/** CSV as RFC 4180 has it; empty lines are left out. */
function rowsOf(text: string): string[][] {
  const cells = text.replace(/^\uFEFF/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quotedCell, bare = '', end] of cells) {
    row.push(quotedCell === undefined ? bare : quotedCell.replaceAll('""', '"'))
    if (end === ',') continue
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}

function noLinks(why: string): UserError {
  return new UserError({
    code: 'no-links',
    message: `The file holds no links: ${why}.`,
    remedy: 'Write CSV with a first line "flow,pair,a,b"; "lockstep links export" shows the form.',
    exit: EXIT.configuration,
  })
}
