/**
 * The one description of the configuration file: validation, defaults, the published JSON Schema and the guide all
 * come from it.
 */
import { z } from 'zod'
import type { Connectors } from '../connectors/index.ts'
import { WRITTEN_OUT } from './accounts.ts'
import { connectionSchema } from './connection-options.ts'
import { flowSchema, ID, ref } from './flow-schema.ts'
import { RESERVED } from './sides.ts'

/** The port is one that there is: at most 65535. */
const ADDRESS = /^(\[[\da-fA-F:.]+\]|[\w.-]+):(\d{1,4}|[0-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/
const address = z.union([z.literal('off'), z.string().regex(ADDRESS)])
/** Of none, what waits for it would never wait. */
const duration = z.string().regex(/^(?!0+[smh])\d{1,6}(s|m|h)$/)

const sealing = z
  .strictObject({
    key: z.string().min(1).optional().meta({
      description: 'The key itself: 64 hex digits, or 32 bytes in base64. Best as `${LOCKSTEP_KEY}`.',
      secret: true,
    }),
    key_file: z.string().min(1).optional().meta({ description: 'A file that holds the key; made if it is missing.' }),
    key_command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({
        description: 'A program that prints the key, and its arguments; it is run without a shell.',
        examples: [['pass', 'show', 'lockstep']],
      }),
  })
  .prefault({})
  .meta({
    description:
      'The key that seals tokens in the store; at most one source. Default: the variable `TOKENS_ENCRYPTION_KEY`, or else a file beside the store that only its owner can read, made at the first start. Keep a copy of it with the backups, and apart from the store.',
  })

/** Codes and cookies go over it. */
function isSafe(address: string): boolean {
  const { protocol, hostname, search, hash } = new URL(address)
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return search === '' && hash === '' && (protocol === 'https:' || isHere)
}

const listen = z
  .strictObject({
    webhooks: address.default('127.0.0.1:8484').meta({
      description:
        'Where webhooks are received, `host:port` with a port up to 65535, or `off`: what a tunnel or a proxy is pointed at. A connection takes them at `/webhooks/<its id>`.',
    }),
    control: address.default('127.0.0.1:8485').meta({
      description:
        'Where health, status and commands are served, `host:port` with a port up to 65535, or `off`. Not for the outside.',
    }),
    public_url: z
      .url({ protocol: /^https?$/ })
      .refine(isSafe, { error: 'not safe: only https, or http to this machine' })
      .optional()
      .meta({
        description:
          'How `webhooks` is reached from outside: `https://sync.example.com`, as the tunnel or the proxy shows it. Browsers that sign in come back to `/oauth/callback` there. Systems that can be asked to send webhooks, as Google Calendar, are asked to send them there; without it they are polled.',
      }),
    max_body: z.int().min(1024).max(67_108_864).default(1_048_576).meta({
      description: 'The longest webhook that is read, in bytes.',
    }),
    max_per_minute: z.int().min(1).default(6000).meta({
      description: 'More webhooks than this in a minute are refused (429); polling still finds what they told.',
    }),
  })
  .prefault({})
  .meta({ description: 'The two listeners. They never share a port.' })

const accounts = z
  .record(
    z.string().regex(ID),
    z.record(
      z
        .string()
        .regex(/^[A-Za-z_]\w*$/)
        .refine((name) => name !== 'id'),
      z.union([z.string(), z.number(), z.boolean(), z.null()]),
    ),
  )
  .default({})
  .meta({
    description:
      "By an id that never changes: the values of each of your product's users, under names of your own. What says `per: account` stands once for each of them, and `${account.name}` in it is that value; `${account.id}` is the id.",
    examples: [{ ann: { user: 17 }, bob: { user: 18 } }],
  })

/** `id`: what the ids of connections and flows look like. */
export function configSchema(connectors: Connectors, id: RegExp = ID) {
  const [first, ...rest] = [...connectors.values()].map(connectionSchema)
  const connection = first === undefined ? z.never() : z.discriminatedUnion('connector', [first, ...rest])
  const connectionId = z
    .string()
    .regex(id)
    .refine((id) => !RESERVED.includes(id))
  return z
    .strictObject({
      store: z.string().min(1).default('./lockstep.db').meta({
        description:
          'Where everything is kept: a file, relative to this one, or `postgres://user:password@host:port/database`, in which the store takes a schema of its own (`?schema=lockstep`). One process writes to it. The sealing key and the control socket lie in files all the same: beside the store, or beside this file.',
      }),
      sealing,
      listen,
      poll: duration.default('60s').meta({
        description:
          'How long to wait between two looks at systems that send no webhook: a number with `s`, `m` or `h`, at least `1s`.',
      }),
      keep: z
        .strictObject({
          journal: z
            .union([z.literal('forever'), z.string().regex(/^[1-9]\d{0,4}d$/)])
            .default('30d')
            .meta({
              description:
                'Days for which `history`, `explain` and `undo` reach back, as `30d`, or `forever`. What an open conflict or something held is about stays longer.',
            }),
        })
        .prefault({})
        .meta({
          description: 'How long the store keeps what is finished. Links, and what was deleted, it never forgets.',
        }),
      notify: z
        .strictObject({
          command: z
            .array(z.string().min(1))
            .min(1)
            .meta({
              description:
                'A program and its arguments, run without a shell. It gets one line of JSON on stdin: `verdict`, what `began`, what `ended`, and all there is `now`, each with `id`, `message` and `since`.',
              examples: [['/usr/local/bin/tell-the-team']],
            }),
        })
        .optional()
        .meta({
          description:
            'Whom `run` tells when something begins or ends that a person should know: a dead connection, webhooks that stopped, a flow that keeps failing, something held.',
        }),
      accounts,
      connections: z.record(connectionId, connection).meta({
        description: 'By an id that never changes: the accounts that are joined.',
      }),
      people: z
        .array(z.record(z.string().regex(WRITTEN_OUT), ref))
        .default([])
        .meta({
          description:
            'Who is one and the same: for each person, by connection, their ref or their e-mail there. It goes before e-mails that are equal, and before `lockstep people map`. Somebody with one connection alone is nobody anywhere else.',
          examples: [[{ work: 'users/123', forum: 'ann@example.org' }]],
        }),
      flows: z.record(z.string().regex(id), flowSchema).default({}).meta({
        description: 'By an id that never changes: which connections are kept in step, and how.',
      }),
    })
    .meta({ title: 'Lockstep configuration' })
}

export type Settings = z.infer<ReturnType<typeof configSchema>>
