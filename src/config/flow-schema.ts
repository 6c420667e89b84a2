/** The options of one flow, as people write them. */
import { z } from 'zod'
import { DEFAULT_BRAKE } from '../core/flow.ts'
import { PER } from './connection-options.ts'
import { lensOptions, spanSide } from './lens-schema.ts'

export const ID = /^[a-z][a-z0-9-]{0,39}$/
const identifier = z.string().regex(ID)

/** A ref: an unquoted number stands for its digits. */
export const ref = z.union([z.string().min(1), z.int()]).transform(String)
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const one = z.union([scalar, z.array(scalar)])
const bound = z.union([z.string().min(1), z.number()])

const condition = z
  .union([
    one,
    z.strictObject({
      is: one.optional().meta({ description: 'The field has this value, or one of these.' }),
      not: one.optional().meta({ description: 'The field has neither of these values.' }),
      starts_with: z.string().optional().meta({ description: 'The text begins like this.' }),
      contains: z.string().optional().meta({ description: 'The text contains this.' }),
      below: bound.optional().meta({ description: 'The number, date or time is less than this.' }),
      at_least: bound.optional().meta({ description: 'The number, date or time is this or more.' }),
    }),
  ])
  .meta({ description: 'A value, a list of values, or an object of conditions that all must hold.' })
const filter = z.record(z.string(), condition).meta({ description: 'By field: all conditions must hold.' })
export type Condition = z.infer<typeof condition>
export type Filter = z.infer<typeof filter>

const fieldValues = z
  .record(z.string(), scalar)
  .meta({ description: 'Values of fields that only this file knows, for containers that are created.' })

const scope = z
  .union([
    ref,
    z.strictObject({
      create: z.literal(true).meta({ description: 'Made with the name of the other.' }),
      under: ref.optional().meta({ description: 'The ref of the container under which it is made.' }),
      values: fieldValues.optional(),
    }),
  ])
  .meta({ description: 'The ref of a container, or `{create: true}`.' })
export type ScopeSetting = z.infer<typeof scope>

const conflict = z.string().meta({
  description:
    'What stands where both sides changed to different values: `newest` (the later edit by a person), `ask` (waits for a person), `merge` (what both did, in one value; a person where they did it to the same part), the connection whose value stands, or a file with a function, as `./resolve.ts`. The losing value stays in `lockstep conflicts list --all`.',
})

const deleted = z.enum(['delete', 'empty', 'keep', 'hold'])
const left = z.enum(['keep', 'delete', 'hold'])

const refused = z.enum(['declare', 'reply', 'mark'])
const REFUSED =
  "What is done about a change that the other side does not let this credential make, such as an edit of somebody else's message: `declare` lists it in `lockstep divergences`; `reply` tells it there as well, by a reply of our own that follows later changes and goes when the two agree again; `mark` lets our own copy, where it was changed, say beside its author's name that it stands there alone."

const field = z
  .strictObject({
    a: z
      .union([z.string(), spanSide])
      .optional()
      .meta({ description: "The field of the first connection's kind; with `as: span`, its fields." }),
    b: z
      .union([z.string(), spanSide])
      .optional()
      .meta({ description: "The field of the second connection's kind; with `as: span`, its fields." }),
    way: z.string().optional().meta({
      description:
        'Which way changes travel: `both`, `a->b`, `b->a`, or once, as `on create a->b` or `on create b->a`.',
    }),
    as: z.enum(['value', 'signed', 'title', 'person', 'span']).optional().meta({
      description:
        '`value`: the same on both sides; `signed`: text that shows its author; `title`: the first line; `person`: text that holds a ref or an e-mail of a person; `span`: start, end, whole days and zone as one. Fields of persons are related as such by themselves.',
    }),
    max: z.int().min(1).max(100_000).optional().meta({ description: 'The longest text that both sides can hold.' }),
    ...lensOptions(filter, scalar),
    conflict: conflict.optional(),
  })
  .meta({ description: 'How one field relates to one of the other side.' })
export type FieldSetting = z.infer<typeof field>

const pair = z
  .strictObject({
    a: z.string().optional().meta({ description: 'The kind of the first connection, for a pair of your own.' }),
    b: z.string().optional().meta({ description: 'The kind of the second connection, for a pair of your own.' }),
    fields: z.record(identifier, field).default({}).meta({
      description: 'By an id that you never change: fields of a pair of your own, or changes to the built-in ones.',
    }),
    conflict: conflict.optional(),
    on_delete: z
      .union([deleted, z.record(z.string(), deleted)])
      .optional()
      .meta({
        description:
          'What a delete becomes on the other side: one word, or one by the connection that deleted. `empty` keeps an emptied item where children live on; `hold` waits for a person.',
      }),
    on_leave: z
      .union([left, z.record(z.string(), left)])
      .optional()
      .meta({
        description:
          'What becomes of the counterpart of an item that left: it does not pass `where` any more, went to a container of no flow, or is older than its system keeps. `keep` leaves it as it is; once the item is back, changes of both travel again.',
      }),
    on_refused: z
      .union([refused, z.record(z.string(), refused)])
      .optional()
      .meta({ description: `${REFUSED} One word, or one by the connection that refuses. Default: as the flow says.` }),
    where: z.record(z.string(), filter).optional().meta({
      description:
        'By connection, then by field as in `each.where`: only items that pass are taken, and one that passes no more has left (`on_leave`). A copy stays for as long as what it stands for does.',
    }),
    match: z.array(z.string()).optional().meta({
      description: 'Ids of fields whose equal values pair items that exist on both sides at the first sync.',
    }),
  })
  .meta({ description: 'One pair of kinds.' })
export type PairSetting = z.infer<typeof pair>

function limit(defaults: { atLeast: number; share: number }, what: string) {
  return z
    .strictObject({
      at_least: z
        .int()
        .min(1)
        .default(defaults.atLeast)
        .meta({ description: `Fewer ${what} an hour never stop it.` }),
      share: z.number().min(0).max(1).default(defaults.share).meta({ description: 'As a share of the linked items.' }),
    })
    .prefault({})
    .meta({ description: `More ${what} in an hour than both limits allow are held.` })
}

export const flowSchema = z
  .strictObject({
    title: z.string().min(1).optional().meta({ description: 'As people read it. Default: the id.' }),
    per: PER.meta({
      description:
        '`account`: it is a template, and runs once for each of `accounts`, as `<id>/<account>`, with a pause, progress and brake of its own. The brake also counts over all of them.',
    }),
    between: z.tuple([z.string(), z.string()]).meta({
      description: 'The two connections, `a` and `b`. Their order never changes once the flow has run.',
      examples: [['chat', 'forum']],
    }),
    direction: z.string().default('both').meta({
      description:
        'Which way changes travel: `both`, `a->b`, `b->a`, or with the names of the connections, as `chat->forum` (`→` may be written too).',
    }),
    astray: z.enum(['leave', 'restore', 'hold']).default('leave').meta({
      description:
        'On a one-way flow: what becomes of changes at the far end. They are left alone, taken back, or held. A delete at the source leaves what was edited there alone, deletes it, or is held. `restore` is refused where a two-way flow changes the same container.',
    }),
    start: z
      .union([z.enum(['all', 'now']), z.iso.date(), z.iso.datetime({ offset: true })])
      .default('all')
      .meta({
        description:
          'Which items are new to the flow: `all`, those created after its first run (`now`), or from a date (UTC) or time on.',
      }),
    scopes: z
      .array(z.tuple([scope, scope]))
      .default([])
      .meta({
        description: 'Pairs of containers, each `[of the first connection, of the second]`.',
        examples: [[['spaces/AAAA1234', '12']]],
      }),
    each: z
      .strictObject({
        from: z.string().meta({ description: 'The connection whose containers get a counterpart each.' }),
        where: filter.default({}).meta({ description: 'Only containers that pass.' }),
        under: ref.optional().meta({ description: 'The ref of the container under which counterparts are made.' }),
        values: fieldValues.optional(),
      })
      .optional()
      .meta({ description: 'Containers found while running, besides those in `scopes`.' }),
    kinds: z.record(identifier, pair).default({}).meta({
      description: 'By the id of a pair of kinds: changes to the built-in mapping, or pairs of your own.',
    }),
    conflict: conflict.default('newest'),
    on_refused: refused.default('declare').meta({ description: REFUSED }),
    brake: z
      .strictObject({
        deletes: limit(DEFAULT_BRAKE.deletes, 'deletes'),
        writes: limit(DEFAULT_BRAKE.writes, 'creates and updates'),
      })
      .prefault({})
      .meta({ description: 'Holds implausible amounts of changes until a person approves them.' }),
    max_file_mb: z
      .number()
      .positive()
      .default(100)
      .meta({ description: 'Files that are larger, in millions of bytes, stay where they are, and are named.' }),
  })
  .meta({ description: 'Two connections kept in step.' })
export type FlowSettings = z.infer<typeof flowSchema>
