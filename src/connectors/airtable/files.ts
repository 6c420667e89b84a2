/**
 * Bytes of attachments. Each read of a record tells an address of its own, which works for two hours. They are sent into a
 * record of a table for this alone, before the write that shows them: that names the address there, which Airtable fetches.
 */
import { z } from 'zod'
import { ConnectorError, filesIn, type Bytes, type Files, type Json, type Upload } from '../../connector/index.ts'
import { page, pathOf, quoted, recordsBy, type Api, type Readable } from './api.ts'
import { isFieldId } from './config.ts'
import { attachment, records, type WireRecord } from './wire.ts'

const attachments = z.array(attachment)
/** Airtable takes no more in one call. */
const MOST_BYTES = 5_000_000
const KEPT_MS = 7 * 24 * 3600_000

export const files: Files<Api> = {
  mostBytes: MOST_BYTES,
  async open({ api }, { kind, ref, file }) {
    const table = api.tables.find((each) => each.kind === kind)
    const record = table === undefined ? undefined : (await recordsBy(api, table, [ref])).get(ref)
    const found = attachmentsIn(record).find(({ id }) => id === file.ref)
    if (found === undefined) throw new ConnectorError('missing', `the attachment ${file.name} is there no more`)
    return await api.client.download(found.url)
  },
  async upload({ api }, { key, name, type, size, bytes }) {
    const depot = depotOf(api)
    const before = await tidied(api, depot, key)
    const record = before ?? (await staged(api, depot, key))
    const [kept] = attachmentsIn(before)
    const made = kept ?? (await sent(api, depot, record.id, { name, type, bytes }))
    return { ref: `${record.id}/${made.id}`, name, type, size }
  },
}

function attachmentsIn(record: WireRecord | undefined | null) {
  return Object.values(record?.fields ?? {}).flatMap((cell) => attachments.safeParse(cell).data ?? [])
}

interface Depot extends Readable {
  readonly sync: string
  readonly files: string
}

function depotOf({ config: { uploads } }: Api): Depot {
  if (uploads === undefined) throw new ConnectorError('rejected', 'the connection has no `uploads`')
  const names = [uploads.sync, uploads.files]
  return { name: uploads.table, sync: uploads.sync, files: uploads.files, names, byId: names.every(isFieldId) }
}

/** The record of this key, where there is one; and what nobody waits for any more goes. */
async function tidied(api: Api, depot: Depot, key: string): Promise<WireRecord | null> {
  const since = new Date(api.clock.now() - KEPT_MS).toISOString()
  const own = `{${depot.sync}}=${quoted(key)}`
  const formula = `OR(${own},IS_BEFORE(CREATED_TIME(),DATETIME_PARSE(${quoted(since)})))`
  const { records: found } = await page(api, depot, { formula, pageSize: 10 })
  const old = found.filter(({ fields }) => fields[depot.sync] !== key).map(({ id }) => id)
  if (old.length > 0) await api.client.delete(pathOf(api, depot), { query: { records: old } })
  return found.find(({ fields }) => fields[depot.sync] === key) ?? null
}

async function staged(api: Api, { name, sync, byId }: Depot, key: string): Promise<WireRecord> {
  const body = {
    records: [{ fields: { [sync]: key } }],
    performUpsert: { fieldsToMergeOn: [sync] },
    returnFieldsByFieldId: byId,
  }
  const [made] = (await api.client.patch(pathOf(api, { name }), { body, as: records })).records
  if (made === undefined) throw new ConnectorError('unavailable', 'Airtable did not say what it made')
  return made
}

const uploaded = z.object({ fields: z.record(z.string(), attachments) })

async function sent(
  api: Api,
  depot: Depot,
  record: string,
  { name, type, bytes }: Pick<Upload, 'name' | 'type' | 'bytes'>,
) {
  const file = (await whole(bytes())).toString('base64')
  const path = `/v0/${api.config.base}/${record}/${encodeURIComponent(depot.files)}/uploadAttachment`
  const { fields } = await api.content.post(path, { body: { contentType: type, filename: name, file }, as: uploaded })
  const made = Object.values(fields).flat().at(-1)
  if (made === undefined) throw new ConnectorError('unavailable', `Airtable did not say what became of ${name}`)
  return made
}

async function whole(bytes: Bytes): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** By the refs of files that were sent, what a cell is to hold. Addresses are asked for in time, since they expire. */
export type Sent = ReadonlyMap<string, Json>

export async function sentIn(api: Api, values: readonly Json[]): Promise<Sent> {
  const refs = values.flatMap((value) => filesIn(value)).flatMap(({ ref }) => (ref.includes('/') ? [ref] : []))
  if (refs.length === 0) return new Map()
  const found = await recordsBy(api, depotOf(api), [...new Set(refs.map((ref) => ref.split('/')[0] ?? ''))])
  return new Map(
    refs.map((ref) => {
      const [record = '', id = ''] = ref.split('/')
      const there = attachmentsIn(found.get(record)).find((each) => each.id === id)
      if (there === undefined) throw new ConnectorError('rejected', `the upload ${ref} is there no more`)
      return [ref, { url: there.url, filename: there.filename }]
    }),
  )
}
