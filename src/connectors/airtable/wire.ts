/** Airtable's answers, as far as they are read. */
import { z } from 'zod'
import { json } from '../../connector/index.ts'

export const record = z.object({
  id: z.string().min(1),
  createdTime: z.iso.datetime(),
  fields: z.record(z.string(), json),
})
export type WireRecord = z.infer<typeof record>

export const records = z.object({ records: z.array(record), offset: z.string().optional() })

export const collaborator = z.object({ id: z.string(), email: z.string().optional(), name: z.string().optional() })

export const attachment = z.object({
  id: z.string().min(1),
  filename: z.string(),
  url: z.string(),
  size: z.int().optional(),
  type: z.string().optional(),
})

export const whoami = z.object({
  id: z.string().min(1),
  email: z.string().optional(),
  scopes: z.array(z.string()).optional(),
})

export const field = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  options: z.record(z.string(), z.unknown()).optional(),
})
export type WireField = z.infer<typeof field>
export const tables = z.object({
  tables: z.array(z.object({ id: z.string(), name: z.string(), fields: z.array(field) })),
})

export const webhook = z.object({
  id: z.string().min(1),
  macSecretBase64: z.string(),
  expirationTime: z.iso.datetime().nullish(),
})

export const webhooks = z.object({
  webhooks: z.array(
    z.object({
      id: z.string(),
      cursorForNextPayload: z.int(),
      isHookEnabled: z.boolean(),
      notificationUrl: z.string().nullish(),
      expirationTime: z.iso.datetime().nullish(),
      specification: z.object({ options: json }),
    }),
  ),
})

export const life = z.object({ expirationTime: z.iso.datetime() })

const changed = z.object({
  createdRecordsById: z.record(z.string(), z.unknown()).optional(),
  changedRecordsById: z.record(z.string(), z.unknown()).optional(),
  destroyedRecordIds: z.array(z.string()).optional(),
})

export const payloads = z.object({
  payloads: z.array(
    z.object({
      error: z.boolean().optional(),
      code: z.string().optional(),
      changedTablesById: z.record(z.string(), changed).optional(),
    }),
  ),
  cursor: z.int(),
  mightHaveMore: z.boolean(),
})
export type WirePayload = z.infer<typeof payloads>['payloads'][number]

/** Two forms, and for what is not there a bare word. */
export const refusal = z.union([
  z.object({ error: z.object({ type: z.string(), message: z.string().optional() }) }).transform(({ error }) => error),
  z.object({ error: z.string() }).transform(({ error }) => ({ type: error, message: undefined })),
  z
    .object({ errors: z.array(z.object({ error: z.string(), message: z.string().optional() })).min(1) })
    .transform(({ errors }) => ({ type: errors[0]?.error ?? '', message: errors[0]?.message })),
])
