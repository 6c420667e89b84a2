/** Changes without a webhook: what was modified lately, by Airtable's own account. Deletions are not told. */
import { z } from 'zod'
import { ConnectorError, type Call, type Page } from '../../connector/index.ts'
import { page, quoted, type Api, type Asked } from './api.ts'
import { changeOf } from './items.ts'

const cursorShape = z.object({ form: z.literal(1), after: z.number() })

/**
 * How far it was read is told by Airtable's own clock, in the head of its first answer, since its times of modification are
 * of that clock too. This machine's counts only where no answer tells.
 */
export async function* poll(call: Call<Api>, cursor: string | null): AsyncGenerator<Page> {
  const { api } = call
  const began = api.clock.now()
  let told = Number.NaN
  const headed: Asked['headed'] = ({ date = '' }) => void (told ||= Date.parse(date))
  const done = (): string => JSON.stringify({ form: 1, after: told || began })
  if (cursor === null) {
    for (const table of api.tables.slice(0, 1)) await page(api, table, { pageSize: 1, headed })
    return yield { changes: [], cursor: done() }
  }
  const since = new Date(placeOf(cursor) - api.config.overlapSeconds * 1000).toISOString()
  // What nobody changed since it was made may have no time of modification.
  const isAfter = (time: string): string => `IS_AFTER(${time},DATETIME_PARSE(${quoted(since)}))`
  const formula = `OR(${isAfter('CREATED_TIME()')},${isAfter('LAST_MODIFIED_TIME()')})`
  for (const table of api.tables)
    for (let offset: string | undefined, more = true; more; more = offset !== undefined) {
      const answer = await page(api, table, { formula, offset, headed })
      offset = answer.offset
      // Until the last page nothing is behind us: a crash repeats them all.
      yield { changes: answer.records.map((each) => changeOf(call, table, each)), cursor }
    }
  yield { changes: [], cursor: done() }
}

function placeOf(cursor: string): number {
  try {
    return cursorShape.parse(JSON.parse(cursor)).after
  } catch {
    throw new ConnectorError('cursor-expired', 'the cursor is of another form')
  }
}
