/** Everything in a configuration besides connections and flows. */
import { resolve } from 'node:path'
import { ENCODED } from '../connector/sql.ts'
import type { Address, Config, SealingKey } from './config.ts'
import { isPostgres, locationOf } from './location.ts'
import { suggestion, type Finding } from './problem.ts'
import type { Settings } from './schema.ts'

export interface ReadSettings {
  readonly config: Pick<
    Config,
    'store' | 'beside' | 'postgres' | 'sealing' | 'listen' | 'pollMs' | 'journalMs' | 'notify' | 'people'
  >
  readonly secrets: readonly string[]
}

export function readSettings(settings: Settings, folder: string): ReadSettings {
  const postgres = locationOf(settings.store)
  const store = postgres?.name ?? resolve(folder, settings.store)
  const beside = postgres === null ? store : resolve(folder, `${postgres.database}.${postgres.schema}`)
  const { key } = settings.sealing
  return {
    config: {
      store,
      beside,
      postgres,
      sealing: sealingOf(settings.sealing, beside, folder),
      listen: {
        webhooks: addressOf(settings.listen.webhooks),
        control: addressOf(settings.listen.control),
        publicUrl: settings.listen.public_url?.replace(/\/+$/, '') ?? null,
        maxBody: settings.listen.max_body,
        maxPerMinute: settings.listen.max_per_minute,
      },
      pollMs: millisecondsOf(settings.poll),
      journalMs: settings.keep.journal === 'forever' ? null : millisecondsOf(settings.keep.journal),
      notify: commandOf(settings.notify),
      people: settings.people.map((one) => Object.entries(one).map(([connection, ref]) => ({ connection, ref }))),
    },
    secrets: [key ?? '', postgres?.password ?? ''].filter((each) => each !== ''),
  }
}

const KEY = /^([0-9a-f]{64}|[A-Za-z0-9+/_-]{43}=?)$/i

export function checkSettings({ store, listen, sealing, people, connections }: Settings): readonly Finding[] {
  const findings: Finding[] = []
  if (isPostgres(store) && locationOf(store) === null)
    findings.push({
      code: 'bad-store',
      path: ['store'],
      message: 'this is no address of a PostgreSQL database',
      remedy: `postgres://user:password@host:5432/database, and ?schema=name for another schema than "lockstep"; ${ENCODED}`,
    })
  const isFree = addressOf(listen.webhooks)?.port === 0
  if (listen.webhooks === listen.control && listen.webhooks !== 'off' && !isFree)
    findings.push({
      code: 'same-listener',
      path: ['listen', 'control'],
      message: 'both listeners have the same address',
      remedy: 'give `control` another port, so that a tunnel to the webhooks does not reach it',
    })
  const sources = Object.entries(sealing).filter(([, value]) => value !== undefined)
  if (sources.length > 1)
    findings.push({
      code: 'secret-twice',
      path: ['sealing'],
      message: `the sealing key comes from ${sources.map(([name]) => `\`${name}\``).join(' and ')}`,
      remedy: 'keep one of them: the one with which the store was made',
    })
  else if (sealing.key !== undefined && !KEY.test(sealing.key.trim()))
    findings.push({
      code: 'invalid',
      path: ['sealing', 'key'],
      message: 'this is no key: it is not 32 bytes as hex or base64',
      remedy: 'write 64 hex digits, or 32 bytes in base64: `openssl rand -hex 32` makes one',
    })
  return [...findings, ...checkPeople(people, Object.keys(connections))]
}

function checkPeople(people: Settings['people'], connections: readonly string[]): readonly Finding[] {
  const told = new Set<string>()
  return people.flatMap((one, index) =>
    Object.entries(one).flatMap(([connection, ref]): Finding[] => {
      const path = ['people', index, connection]
      if (!connections.includes(connection))
        return [
          {
            code: 'unknown-connection',
            path,
            message: `no connection is called \`${connection}\``,
            remedy: suggestion(connection, connections),
          },
        ]
      const name = `${connection} ${ref}`
      if (!told.has(name)) {
        told.add(name)
        return []
      }
      const message = `${ref} of \`${connection}\` is named twice`
      return [{ code: 'invalid', path, message, remedy: 'name each person once, with all of their connections' }]
    }),
  )
}

function sealingOf({ key, key_file, key_command }: Settings['sealing'], store: string, folder: string): SealingKey {
  const [program, ...rest] = key_command ?? []
  if (key !== undefined) return { from: 'environment', value: key }
  if (program !== undefined) return { from: 'command', command: [program, ...rest] }
  return { from: 'file', path: key_file === undefined ? `${store}.key` : resolve(folder, key_file) }
}

function commandOf(notify: Settings['notify']): Config['notify'] {
  const [program, ...rest] = notify?.command ?? []
  return program === undefined ? null : [program, ...rest]
}

function addressOf(text: string): Address | null {
  if (text === 'off') return null
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

function millisecondsOf(duration: string): number {
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[duration.at(-1) ?? 's'] ?? 1000
  return Number(duration.slice(0, -1)) * unit
}
