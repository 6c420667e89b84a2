/** Attachments: their addresses are signed and expire; the bytes are handed out without a token. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { WireRequest, WireResponse } from '../emulator.ts'
import { badRequest } from './answers.ts'
import { freshId, seconds, type Attachment, type World } from './state.ts'

export const FILE = z.strictObject({ base64_data: z.string(), filename: z.string().min(1) })

const MEDIA: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  zip: 'application/zip',
}

export function keepAttachment(world: World, filename: string, bytes: Buffer): Attachment {
  const attachment = { id: freshId(world), filename, bytes }
  world.attachments.set(attachment.id, attachment)
  return attachment
}

export function attachmentOf(world: World, { base64_data, filename }: z.infer<typeof FILE>): Attachment {
  const bytes = Buffer.from(base64_data, 'base64')
  if (bytes.length === 0) throw badRequest(`attachments: ${filename} is no base64`)
  return keepAttachment(world, filename, bytes)
}

export function attachmentJson(world: World, id: string) {
  const attachment = world.attachments.get(id)
  if (attachment === undefined) throw new Error(`the emulator lost the attachment ${id}`)
  const { filename, bytes } = attachment
  const [media = '', sub = ''] = mediaOf(filename).split('/')
  return {
    id,
    filename,
    extension: extensionOf(filename),
    url: addressOf(world, attachment),
    media_type: media,
    sub_type: sub,
    size: bytes.length,
    ...(media === 'image' ? { width: 1, height: 1 } : {}),
  }
}

/** What an address answers: the bytes, or 403 once it has expired or was changed. */
export function download(world: World, { query }: WireRequest, id: string): WireResponse {
  const attachment = world.attachments.get(id)
  const expires = Number(query.get('Expires'))
  const isSigned = query.get('Signature') === signatureOf(id, expires)
  if (attachment === undefined || !isSigned || seconds(world.ports.now()) > expires)
    return {
      status: 403,
      headers: { 'content-type': 'application/xml' },
      body: '<Error><Code>AccessDenied</Code></Error>',
    }
  return { status: 200, headers: { 'content-type': mediaOf(attachment.filename) }, body: attachment.bytes }
}

function addressOf({ attachmentsUrl, ports, rules }: World, { id, filename }: Attachment): string {
  const expires = seconds(ports.now()) + rules.attachmentUrlSeconds
  return `${attachmentsUrl}/attachments/${id}/${encodeURIComponent(filename)}?Expires=${expires}&Signature=${signatureOf(id, expires)}`
}

function signatureOf(id: string, expires: number): string {
  return createHmac('sha256', 'emulated').update(`${id} ${expires}`).digest('hex').slice(0, 32)
}

function extensionOf(filename: string): string {
  return /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? ''
}

function mediaOf(filename: string): string {
  return MEDIA[extensionOf(filename)] ?? 'application/octet-stream'
}
