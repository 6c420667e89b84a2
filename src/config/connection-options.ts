/** The options of a connection: those that all have, and those that its connector declares, in snake_case. */
import { z, type ZodType } from 'zod'
import type { AnyConnector } from '../connector/connector.ts'

/** Of an entry that is a template. */
export const PER = z.literal('account').optional()

export interface ConnectionOption {
  /** As the connector names it: "apiKey". */
  readonly key: string
  /** As people write it: "api_key". */
  readonly name: string
  readonly schema: ZodType
  readonly secret: boolean
  readonly required: boolean
  /** What gives it where the file does not; null: nothing does. */
  readonly variable: string | null
  /** A variable's text is read as one. */
  readonly isNumber: boolean
}

const json = z.object({
  properties: z
    .record(
      z.string(),
      z.looseObject({ secret: z.boolean().optional(), variable: z.string().optional(), type: z.unknown().optional() }),
    )
    .default({}),
  required: z.array(z.string()).default([]),
})

export function optionsOf(connector: AnyConnector): readonly ConnectionOption[] {
  const { config } = connector
  if (!(config instanceof z.ZodObject)) return []
  const { properties, required } = json.parse(z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }))
  return Object.entries(config.shape).flatMap(([key, schema]) =>
    schema instanceof z.ZodType
      ? [
          {
            key,
            name: snake(key),
            schema,
            secret: properties[key]?.secret === true,
            required: required.includes(key),
            variable: properties[key]?.variable ?? null,
            isNumber: properties[key]?.type === 'integer' || properties[key]?.type === 'number',
          },
        ]
      : [],
  )
}

export function snake(key: string): string {
  return key.replace(/(?<=[a-z0-9])[A-Z]|(?<=.)[A-Z](?=[a-z])/g, (letter) => `_${letter}`).toLowerCase()
}

/** "DISCOURSE_API_KEY": the name that documentation and messages propose for a variable. */
export function variableOf(connector: AnyConnector, option: string): string {
  return `${connector.name}_${option}`.replaceAll('-', '_').toUpperCase()
}

/** Secrets that the engine itself uses, where the connector takes webhooks. */
export const WEBHOOK_SECRETS = ['webhook_secret', 'webhook_secret_previous'] as const

export function secretsOf(connector: AnyConnector): readonly string[] {
  const own = optionsOf(connector).filter(({ secret }) => secret)
  return [...own.map(({ name }) => name), ...(takesSecret(connector) ? WEBHOOK_SECRETS : [])]
}

/**
 * What may stand in the file. A secret may come from a file of its own, so that none is required here; whether all
 * are there is known once those files were read.
 */
export function connectionSchema(connector: AnyConnector) {
  const shape: Record<string, ZodType> = {}
  for (const { name, schema, secret, required, variable } of optionsOf(connector)) {
    const documented = withVariable(inSnakeCase(schema, connector), variable)
    shape[name] = secret ? secretSchema(documented, name, required) : documented
    if (secret) shape[`${name}_file`] = fileOf(name)
  }
  return z
    .strictObject({
      connector: z.literal(connector.name).meta({ description: connector.title }),
      title: z.string().min(1).optional().meta({ description: 'As people read it. Default: the id.' }),
      per: PER.meta({ description: '`account`: there is one for each of `accounts`, as `<id>/<account>`.' }),
      ...(connector.webhook === undefined
        ? {}
        : connector.channels === undefined
          ? webhookShape(SIGNED)
          : takesSecret(connector)
            ? webhookShape(ASKED)
            : channelShape()),
      ...shape,
    })
    .meta({ title: connector.title })
}

function secretSchema(schema: ZodType, name: string, required: boolean): ZodType {
  const { description = '', ...meta } = schema.meta() ?? {}
  const end = required ? ` Required, here or as \`${name}_file\`.` : ''
  return schema.optional().meta({ ...meta, description: description.replace(/\.?$/, '.') + end, secret: true })
}

function withVariable(schema: ZodType, variable: string | null): ZodType {
  const { description = '', ...meta } = schema.meta() ?? {}
  if (variable === null) return schema
  return schema.meta({ ...meta, description: `${description} Where it is not given, the variable \`${variable}\` is.` })
}

const SIGNED =
  'Webhooks make changes travel at once: `signed` ones need `webhook_secret`; `unsigned` lets everybody who reaches the listener make Lockstep look; with `off` it polls only.'
const ASKED =
  'Webhooks make changes travel at once. The system is asked for them where `listen.public_url` says how it reaches Lockstep; those that people set up need `webhook_secret`, or `unsigned`, which lets everybody who reaches the listener make Lockstep look; with `off` it is polled only.'

function webhookShape(description: string): Record<string, ZodType> {
  const current =
    'The secret with which the system signs its webhooks. Where it is not given, the variable `WEBHOOK_SECRET` is.'
  const previous = 'Accepted as well, while the secret is being changed.'
  return {
    webhooks: z.enum(['signed', 'unsigned', 'off']).default('signed').meta({ description }),
    webhook_secret: z.string().min(1).optional().meta({ description: current, secret: true }),
    webhook_secret_file: fileOf('webhook_secret'),
    webhook_secret_previous: z.string().min(1).optional().meta({ description: previous, secret: true }),
    webhook_secret_previous_file: fileOf('webhook_secret_previous'),
  }
}

/** A person sets the webhooks up, and their secret. */
export function takesSecret({ webhook, channels }: AnyConnector): boolean {
  return webhook !== undefined && (channels === undefined || channels.alsoByHand === true)
}

function channelShape(): Record<string, ZodType> {
  return {
    webhooks: z.enum(['signed', 'off']).default('signed').meta({
      description:
        'Webhooks make changes travel at once. The system is asked for them where `listen.public_url` says how it reaches Lockstep; with `off` it is polled only.',
    }),
  }
}

function fileOf(name: string): ZodType {
  return z
    .string()
    .min(1)
    .optional()
    .meta({ description: `A file that holds \`${name}\`, instead of the value.` })
}

/** A description that names another option names it as people write it. */
function inSnakeCase(schema: ZodType, connector: AnyConnector): ZodType {
  const meta = schema.meta()
  const text = meta?.description
  if (text === undefined || !(connector.config instanceof z.ZodObject)) return schema
  const known = Object.keys(connector.config.shape)
  const description = text.replace(/`(\w+)`/g, (found, key: string) =>
    known.includes(key) ? `\`${snake(key)}\`` : found,
  )
  return schema.meta({ ...meta, description })
}
