/** `lockstep links` */
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import type { Given, LinkRow } from '../store/verbs/adoption.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { table } from './table.ts'
import { counted } from '../words/numbers.ts'

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
  return stringify([...links], { header: true, columns: [...HEAD] }).trimEnd()
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

const Row = z.object({ info: z.object({ lines: z.number() }), record: z.record(z.string(), z.string()) })
const Link = z.object({ flow: z.string().min(1), pair: z.string().min(1), a: z.string().min(1), b: z.string().min(1) })

function linksIn(text: string): readonly Given[] {
  return rowsOf(text).map(({ info, record }) => {
    const link = Link.safeParse(record)
    if (link.success) return link.data
    throw noLinks(`line ${info.lines} does not have a value for each of ${HEAD.join(', ')}`)
  })
}

function rowsOf(text: string): readonly z.infer<typeof Row>[] {
  const columns = (head: string[]): string[] => {
    if (HEAD.every((name) => head.includes(name))) return head
    throw noLinks(`its first line has to name ${HEAD.join(', ')}`)
  }
  if (text.trim() === '') throw noLinks('it is empty')
  try {
    return z.array(Row).parse(parse(text, { bom: true, columns, info: true, skip_empty_lines: true }))
  } catch (error) {
    if (error instanceof CsvError) throw noLinks(error.message.replace(/\.$/, ''))
    throw error
  }
}

function noLinks(why: string): UserError {
  return new UserError({
    code: 'no-links',
    message: `The file holds no links: ${why}.`,
    remedy: 'Write CSV with a first line "flow,pair,a,b"; "lockstep links export" shows the form.',
    exit: EXIT.configuration,
  })
}
