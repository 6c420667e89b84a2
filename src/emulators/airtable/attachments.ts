/** Files in cells: hosted anew under addresses that expire. Who names an address gets them a little later. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { WireRequest, WireResponse } from '../emulator.ts'
import { Refused, unprocessable } from './answers.ts'
import { freshId, transact, type Attachment, type Base, type Cell, type Field, type World } from './state.ts'

const MOST_UPLOAD = 5 * 1024 * 1024
const NEW = z.object({ id: z.string().optional(), url: z.string().optional(), filename: z.string().optional() })

/** The ids of what a cell is to hold. Those that it names by id must be there; the others are fetched. */
export function attachmentsOf(world: World, base: Base, field: Field, value: unknown): readonly string[] {
  const parsed = z.array(NEW).safeParse(value)
  if (!parsed.success)
    throw unprocessable('INVALID_ATTACHMENT_OBJECT', `Invalid attachment object for field ${field.name}`)
  return parsed.data.map(({ id, url = '', filename }) => {
    if (id !== undefined) {
      if (!world.attachments.has(id)) throw unprocessable('INVALID_ATTACHMENT_OBJECT', 'Invalid attachment id')
      return id
    }
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw unprocessable('INVALID_ATTACHMENT_OBJECT', `Invalid attachment url ${url}`)
    const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '')
    const attachment = { id: freshId(world.ports, 'att'), filename: filename ?? name, file: null }
    world.attachments.set(attachment.id, attachment)
    world.after.push(() => host(world, base.id, attachment, url))
    return attachment.id
  })
}

/** Fetches a file and hosts it; what cannot be had leaves its cell, or stays with an address that fails. */
function host(world: World, baseId: string, attachment: Attachment, url: string): void {
  const { ports, rules, fetchFile } = world
  const [shortest, longest] = rules.hostingDelay
  ports.after(Math.round(shortest + ports.random() * (longest - shortest)), () => {
    if (fetchFile === undefined) return keepFile(world, attachment, Buffer.from(`the bytes of ${url}`))
    void fetchFile(url).then((bytes) => {
      if (bytes !== null) keepFile(world, attachment, bytes)
      else if (rules.failedFilesVanish) takeOut(world, baseId, attachment.id)
    })
  })
}

function takeOut(world: World, baseId: string, id: string): void {
  transact(world, baseId, { user: '', source: 'system' }, ({ tables }) => {
    for (const { rows } of tables.values())
      for (const row of rows.values()) {
        const holding = [...row.cells].filter(([, cell]) => Array.isArray(cell) && cell.includes(id))
        if (holding.length === 0) continue
        const cells = new Map(row.cells)
        for (const [field, cell] of holding) {
          const left = idsOf(cell).filter((each) => each !== id)
          if (left.length === 0) cells.delete(field)
          else cells.set(field, left)
        }
        rows.set(row.id, { ...row, cells })
      }
  })
}

export function idsOf(cell: Cell | undefined): readonly string[] {
  return Array.isArray(cell) ? cell.filter((id): id is string => typeof id === 'string') : []
}

const UPLOAD = z.strictObject({ contentType: z.string(), file: z.string(), filename: z.string().min(1) })

/** A file as it comes with an upload. */
export function uploadOf(world: World, value: unknown): Attachment {
  const parsed = UPLOAD.safeParse(value)
  if (!parsed.success) throw unprocessable('INVALID_REQUEST_UNKNOWN', 'contentType, file and filename are required')
  const { contentType, file, filename } = parsed.data
  const bytes = Buffer.from(file, 'base64')
  if (bytes.length > MOST_UPLOAD) throw new Refused(413, 'REQUEST_ENTITY_TOO_LARGE', 'An upload has at most 5 MB')
  const attachment = { id: freshId(world.ports, 'att'), filename, file: { bytes, type: contentType } }
  world.attachments.set(attachment.id, attachment)
  return attachment
}

/** Size and type are not told before the file is hosted. */
export function attachmentJson(world: World, id: string) {
  const attachment = world.attachments.get(id)
  if (attachment === undefined) throw new Error(`the emulator lost the attachment ${id}`)
  const { filename, file } = attachment
  return {
    id,
    url: addressOf(world, id),
    filename,
    ...(file === null ? {} : { size: file.bytes.length, type: file.type }),
  }
}

function keepFile(world: World, attachment: Attachment, bytes: Buffer): void {
  world.attachments.set(attachment.id, { ...attachment, file: { bytes, type: typeOf(attachment.filename) } })
}

function addressOf({ filesUrl, ports, rules }: World, id: string): string {
  const expires = ports.now() + rules.attachmentUrlMinutes * 60_000
  return `${filesUrl}/v3/u/29/29/${expires}/${signatureOf(id, expires)}/${id}`
}

/** What an address answers: the bytes, or 410 once it has expired. */
export function download(world: World, _: WireRequest, params: Readonly<Record<string, string>>): WireResponse {
  const id = params['id'] ?? ''
  const expires = Number(params['expires'])
  const file = world.attachments.get(id)?.file ?? null
  const gone = (status: number): WireResponse => ({ status, headers: { 'content-type': 'text/plain' }, body: '' })
  if (params['signature'] !== signatureOf(id, expires)) return gone(403)
  if (world.ports.now() > expires) return gone(410)
  if (file === null) return gone(404)
  return { status: 200, headers: { 'content-type': file.type }, body: file.bytes }
}

function signatureOf(id: string, expires: number): string {
  return createHmac('sha256', 'emulated').update(`${id} ${expires}`).digest('hex').slice(0, 32)
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
}

function typeOf(filename: string): string {
  return TYPES[/\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
}
