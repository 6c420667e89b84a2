/** The connections of a configuration, their secrets read from files where they stand there. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { configured, isFixed, type AnyConnector, type Configured } from '../connector/connector.ts'
import type { Connectors } from '../connectors/index.ts'
import { clashesOf, type Own } from './clashes.ts'
import type { Connection } from './config.ts'
import {
  optionsOf,
  secretsOf,
  snake,
  takesSecret,
  variableOf,
  WEBHOOK_SECRETS,
  connectionSchema,
} from './connection-options.ts'
import { findingsOf } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import type { SchemaNode } from './schema-tree.ts'

export interface ConnectionContext {
  readonly connectors: Connectors
  /** Of the configuration file: where relative paths begin. */
  readonly folder: string
  readonly readFile: (path: string) => string | null
  readonly tree: SchemaNode
  /** Whether a value of an account fills this. */
  readonly isPersonal: (path: Path) => boolean
  /** Of the webhook listener, seen from outside. */
  readonly publicUrl: string | null
}

export interface ReadConnections {
  readonly connections: readonly Connection[]
  /** All that are written down; null where the kinds of the system are not known. */
  readonly known: ReadonlyMap<string, Configured | null>
  readonly secrets: readonly string[]
  readonly findings: readonly Finding[]
}

const written = z.object({ connections: z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({}) })

/** What the schema says about the file's own options is not repeated here. */
export function readConnections(data: unknown, context: ConnectionContext): ReadConnections {
  const known = new Map<string, Configured | null>()
  const connections: Connection[] = []
  const secrets: string[] = []
  const findings: Finding[] = []
  const owns: Own[] = []
  const parsed = written.safeParse(data)
  for (const [id, given] of Object.entries(parsed.success ? parsed.data.connections : {})) {
    const name = given['connector']
    const connector = typeof name === 'string' ? (context.connectors.get(name) ?? null) : null
    known.set(id, connector !== null && isFixed(connector) ? connector : null)
    if (connector === null) continue
    const path = ['connections', id]
    const options = withSecretFiles(given, connector, path, context, findings)
    for (const name of secretsOf(connector)) {
      const texts = textOf(options[name])
      secrets.push(...texts)
      for (const place of [name, `${name}_file`].map((each) => [...path, each]))
        if (context.isPersonal(place)) owns.push(...texts.map((value) => ({ path: place, value })))
    }
    findings.push(...checkWebhook(options, connector, path), ...checkAddresses(options, connector, path))
    const connection = connectionOf(id, options, connector, context, findings)
    if (connection === null) continue
    connections.push(connection)
    known.set(id, connection.connector)
  }
  findings.push(...clashesOf(owns, 'secret'))
  return { connections, known, secrets: secrets.filter((each) => each !== ''), findings }
}

type Options = { readonly [name: string]: unknown }

/** The options with each `x_file` replaced by `x`, the file's text without the line feed at its end. */
function withSecretFiles(
  given: Options,
  connector: AnyConnector,
  path: Path,
  context: ConnectionContext,
  findings: Finding[],
): Options {
  const options: { [name: string]: unknown } = { ...given }
  for (const name of secretsOf(connector)) {
    const file = options[`${name}_file`]
    if (typeof file !== 'string') continue
    delete options[`${name}_file`]
    const place = [...path, `${name}_file`]
    if (options[name] !== undefined) {
      const remedy = 'keep one of the two'
      findings.push({ code: 'secret-twice', path: place, message: `\`${name}\` is given as well`, remedy })
      continue
    }
    const text = contentOf(resolve(context.folder, file), context)
    if (typeof text === 'string') options[name] = text
    else findings.push({ code: 'secret-file', path: place, ...text })
  }
  return options
}

function contentOf(path: string, { readFile }: ConnectionContext): string | Pick<Finding, 'message' | 'remedy'> {
  try {
    const text = readFile(path)?.replace(/\r?\n$/, '')
    if (text === undefined) return { message: 'there is no such file', remedy: 'create it, or correct the path' }
    return text === '' ? { message: 'the file is empty', remedy: 'write the secret into it' } : text
  } catch {
    return { message: 'the file cannot be read', remedy: 'make it readable for the user that runs Lockstep' }
  }
}

function checkWebhook(options: Options, connector: AnyConnector, path: Path): readonly Finding[] {
  const isSigned = (options['webhooks'] ?? 'signed') === 'signed'
  if (
    !takesSecret(connector) ||
    !isSigned ||
    options['webhook_secret'] !== undefined ||
    connector.channels !== undefined
  )
    return []
  return [
    {
      code: 'webhook-secret',
      path: [...path, 'webhook_secret'],
      message: `nothing tells real webhooks of ${connector.title} from forged ones: \`webhook_secret\` is missing`,
      remedy: `add \`webhook_secret: \${${variableOf(connector, 'webhook_secret')}}\` as set in ${connector.title}, or \`webhooks: off\` to poll only, or \`webhooks: unsigned\` to take them from everybody`,
    },
  ]
}

/** Addresses name buckets and make links: they are shown and stored, and what stands in them is no secret. */
function checkAddresses(options: Options, connector: AnyConnector, path: Path): readonly Finding[] {
  return optionsOf(connector).flatMap(({ name, secret }) => {
    const value = options[name]
    if (secret || typeof value !== 'string' || !isSignedIn(value)) return []
    const message = 'a user or a password stands in this address, which is shown and stored'
    return [{ code: 'invalid', path: [...path, name], message, remedy: 'leave out what stands before the `@`' }]
  })
}

function isSignedIn(value: string): boolean {
  if (!/^https?:/i.test(value) || !URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username !== '' || password !== ''
}

function connectionOf(
  id: string,
  options: Options,
  connector: AnyConnector,
  { tree, publicUrl }: ConnectionContext,
  findings: Finding[],
): Connection | null {
  const path = ['connections', id]
  const own = optionsOf(connector)
  const absent = own.filter(({ secret, required, name }) => secret && required && options[name] === undefined)
  findings.push(
    ...absent.map(({ name }): Finding => {
      const remedy = `add \`${name}: \${${variableOf(connector, name)}}\` and set that variable, or \`${name}_file\``
      return { code: 'missing-secret', path: [...path, name], message: `the secret \`${name}\` is missing`, remedy }
    }),
  )
  const camel = Object.fromEntries(
    own.filter(({ name }) => name in options).map(({ key, name }) => [key, options[name]]),
  )
  const parsed = connector.config.safeParse(camel)
  const common = connectionSchema(connector).safeParse(options)
  if (!parsed.success)
    findings.push(
      ...findingsOf(parsed.error.issues, tree, { connections: { [id]: options } }, path, (step) =>
        typeof step === 'string' ? snake(step) : step,
      ),
    )
  if (!parsed.success || !common.success) return null
  const { title, webhooks } = z
    .object({ title: z.string().default(id), webhooks: z.enum(['signed', 'unsigned', 'off']).default('signed') })
    .parse(common.data)
  const asks = connector.channels !== undefined && webhooks !== 'off' && publicUrl !== null
  const address = asks ? `${publicUrl}/webhooks/${id}` : null
  const secrets = WEBHOOK_SECRETS.flatMap((name) => textOf(options[name]))
  const isByHand = secrets.length > 0 || webhooks === 'unsigned'
  const isOff = connector.webhook === undefined || (connector.channels !== undefined && address === null && !isByHand)
  const accept = isOff ? 'off' : webhooks
  const config: unknown = parsed.data
  return { id, title, connector: configured(connector, config), config, webhooks: { accept, secrets }, address }
}

function textOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : []
}
