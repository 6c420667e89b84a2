/** Reads a planned write back from its intent. The store may have been edited, so it is parsed. */
import { z } from 'zod'
import { json, values } from '../connector/json.ts'
import type { Json } from '../connector/values.ts'
import type { CreateAction, DeleteAction, UpdateAction } from '../core/action.ts'

const side = z.enum(['a', 'b'])

const Disagreement = z.object({
  lens: z.string(),
  base: json,
  values: z.object({ a: json, b: json }),
  winner: side.nullable(),
  why: z.string(),
})

const Undoes = z.object({ entry: z.number(), travels: z.boolean(), takes: z.array(z.string()).exactOptional() })

const Plain = z.object({
  do: z.literal('create'),
  side,
  source: z.object({ ref: z.string() }),
  scope: z.string(),
  values,
  base: values,
  complement: values,
  createdAt: z.string().nullable(),
  author: z.object({ ref: z.string(), name: z.string().exactOptional() }).nullable(),
  incarnation: z.number(),
  link: z.number().nullable(),
  about: z.string().nullable().default(null),
  late: z.boolean(),
  open: z.literal(true).exactOptional(),
  disagreements: z.array(Disagreement),
  undoes: Undoes.exactOptional(),
})
const Headless = Plain.extend({ head: z.null() })
const WithHead = Plain.extend({ head: z.object({ pair: z.string(), action: Headless }).nullable() })

/** Null: it is no create. */
export function plannedCreate(plan: Json): CreateAction | null {
  const parsed = WithHead.safeParse(plan)
  return parsed.success ? parsed.data : null
}

const Update = z.object({
  do: z.literal('update'),
  side,
  link: z.number(),
  ref: z.string(),
  changed: values,
  base: values,
  fields: z.array(z.string()),
  agreed: values.exactOptional(),
  unagreed: values.exactOptional(),
  before: values.exactOptional(),
  about: z.string().nullable().default(null),
  disagreements: z.array(Disagreement),
  undoes: Undoes.exactOptional(),
})

/** Null: it is no update. */
export function plannedUpdate(plan: Json): UpdateAction | null {
  const parsed = Update.safeParse(plan)
  return parsed.success ? parsed.data : null
}

const Delete = z.object({
  do: z.enum(['delete', 'empty']),
  side,
  link: z.number(),
  ref: z.string(),
  about: z.string().nullable().default(null),
  answers: z.string().exactOptional(),
  stub: values.exactOptional(),
  moved: z.literal(true).exactOptional(),
  undoes: Undoes.exactOptional(),
})

/** Null: it is no delete. */
export function plannedDelete(plan: Json): DeleteAction | null {
  const parsed = Delete.safeParse(plan)
  return parsed.success ? parsed.data : null
}
