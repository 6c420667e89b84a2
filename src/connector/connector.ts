/**
 * The interface of a connector: the code for one system.
 *
 * A connector is one object literal: data, which the documentation and the tests read too, and optional functions.
 * An absent function is an absent capability; no flag repeats it. It holds no state between calls.
 */
import type { ZodType } from 'zod'
import type { Call, Person, Place } from './call.ts'
import type { Channels, Webhook } from './webhooks.ts'
import type { ConnectorError } from './failure.ts'
import type { Layout } from './layout.ts'
import type { Bytes } from './blobs.ts'
import type { Draws, Runtime } from './ports.ts'
import type { Fields, FileValue, Ref, Values } from './values.ts'

/** What is left out is allowed. What is said is known before anything is planned. */
export interface May {
  /** The fields that this credential may change; absent: all. */
  readonly update?: readonly string[]
  readonly delete?: boolean
  /** Whether items may be created in it, where it is a container or a parent. */
  readonly create?: boolean
  /** Why not, in words for a person. */
  readonly why?: string
}

export interface Item extends Place {
  readonly values: Values
  /** Changes whenever the item does: an etag, a revision, an update time. */
  readonly version?: string | undefined
  readonly author?: Person | undefined
  /** An instant. */
  readonly createdAt?: string | undefined
  /** A user's last edit, an instant; never the engine's own. Absent where the system does not tell. */
  readonly editedAt?: string | undefined
  /** The key of the intent that made it, where the system carries one. */
  readonly key?: string | undefined
  readonly may?: May | undefined
  /** `empty` took its text away and nobody has written into it since: it counts as deleted, and its children live on. */
  readonly emptied?: true | undefined
}

/** A ref that is known to be deleted, or to live elsewhere now. */
export interface Tombstone extends Place {
  readonly gone: 'deleted' | 'moved'
  /** The system itself tells of the deletion, and nothing can take it back: no lagging read shows it too early. */
  readonly final?: true | undefined
}

/** "Look at this": only `get` shows what it is now. */
export interface Unread extends Place {
  readonly unread: true
}

export type Change = { readonly kind: string } & (Item | Tombstone | Unread)

/** Commits whole, with its cursor: a crash repeats a page and never skips one. */
export interface Page {
  readonly changes: readonly Change[]
  readonly cursor: string
  /** Ends a listing that left nothing out: what it did not name is gone, or has left. */
  readonly complete?: true
}

/** Where a system reports changes, over many kinds and scopes. */
export interface Feed<Api> {
  readonly kinds: readonly string[]
  /**
   * A scope that is reported for the first time is reported from `lag` seconds ago on. Absent: from now on, and the
   * engine waits that long before it lists the scope, for a listing may show how things were before.
   */
  readonly reachesBack?: boolean
  /**
   * The changes after the cursor. Null: begins now, and yields the cursor of this moment.
   * A scope in `call.scopes` that the cursor does not know begins now as well. Throws `cursor-expired`.
   */
  pull(call: Call<Api>, cursor: string | null): AsyncIterable<Page>
  /**
   * Everything in `call.scope` ('' for the containers themselves), from a place in this listing. The last page is
   * `complete`. Used for the first sync and for the audit.
   */
  list(call: Call<Api>, position: string | null): AsyncIterable<Page>
  /**
   * Rings when there may be something to pull, until `signal` aborts; resolves then. Nothing is lost by a ring that does
   * not come: polls find the same. What is thrown ends it, and it begins again later.
   */
  listen?(call: Call<Api>, ring: () => void, signal: AbortSignal): Promise<void>
}

/** What a create must bring about. `key` is the same for every try. */
export interface Create {
  readonly key: string
  readonly values: Values
  /** The origin's creation time, an instant. */
  readonly createdAt?: string | undefined
  /** When the first try began, in milliseconds since 1970. */
  readonly since: number
  /** The first child, made by the same call, where the kind has a `head`. */
  readonly head?: Create | undefined
}

export interface Update {
  readonly key: string
  readonly ref: Ref
  /** The fields to write, and their new values. */
  readonly changed: Values
  /** The item as it was last seen: what a conditional write is made against. */
  readonly base: Item
}

export interface Delete {
  readonly key: string
  readonly ref: Ref
  readonly base: Item
}

/** All items that one call made, the asked one first. */
export type Made = readonly Change[]

/** `system`: in one step with the write. `connector`: by a read just before it. */
export type Comparer = 'system' | 'connector'

/** One answer for each intent, in their order: what the write of this one alone would have answered, or its failure. */
export type Answers<Done> = readonly (Done | ConnectorError)[]

/**
 * Many items of a kind written by one call, in one scope, and answered one by one. It draws on what the write of a single
 * item does; a kind has that too. What is thrown is the failure of all; `rejected`, `forbidden`, `stale`, `missing` and
 * `key-taken` may be the fault of one of them, so nothing was done then, and each half is sent on its own.
 */
export interface Batch<Api> {
  /** How many items one call takes. */
  readonly most: number
  create?(call: Call<Api>, intents: readonly Create[]): Promise<Answers<Made>>
  update?(call: Call<Api>, intents: readonly Update[]): Promise<Answers<Item | Unread>>
  delete?(call: Call<Api>, intents: readonly Delete[]): Promise<Answers<null>>
}

/**
 * While the field `where` is true, the system tells no field for certain but that one and those of `but`; or it tells all
 * but those of `only`. Once `where` is false again, all are told.
 */
export type Untold = { readonly where: string } & (
  | { readonly but: readonly string[] }
  | { readonly only: readonly string[] }
)

/** A sort of item. Writes answer what the system stored, or an `Unread` where the answer does not show it. */
export interface Kind<Api> {
  readonly fields: Fields
  /** Its items are scopes too. */
  readonly is?: 'container'
  /** The kind of its scopes; absent: it lives in the connection itself. */
  readonly in?: string
  /** The field, a `ref`, that repeats the scope, where a move between scopes is an update. */
  readonly scopeField?: string
  /** Made in one call together with its first item of this kind, which `create` receives as `head`. */
  readonly head?: string
  /** Kinds whose items under it go with it when it is deleted. */
  readonly takes?: readonly string[]
  /** The field that names the parent under which items are created one by one, in order of `createdAt`, then `ref`. */
  readonly siblings?: string
  /** The field that names the parent, where order does not matter. */
  readonly under?: string
  /**
   * Only one item of a scope has these values of these fields: the exception of a series at one of its times, the label
   * with a name. Two new items that have the same are one thing. A create leaves what stands there as it is, and throws
   * `stale`.
   */
  readonly unique?: readonly string[]
  /** What the others say then is neither compared nor carried, so the other side keeps its own. */
  readonly untold?: readonly Untold[]
  /** Fields that pair items existing on both sides at the first sync. */
  readonly match?: readonly string[]
  /** What a new item needs, where a text in each of its text fields will not do: for the checks of `lockstep probe`. */
  readonly sample?: Values
  /** Versions compare as text: an older one is superseded. */
  readonly ordered?: true
  /** Writes for which the engine need not read the item first: who compares it with `base` instead, and throws `stale`. */
  readonly compares?: { readonly [write in 'update' | 'delete' | 'empty']?: Comparer }
  /** Repeating a create with the same key has no further effect, so an unknown outcome is repeated at once. */
  readonly idempotent?: true
  /** Raised when the same answer gives other values: links rebase, and nothing is written. */
  readonly normaliser?: number
  /** Seconds after which an item that vanishes has left and was not deleted. */
  readonly retention?: number
  /** Seconds for which a request of unknown outcome may still take effect, read lag included; absent: 60. */
  readonly settle?: number
  /** Seconds by which a read may lag behind what was read or written before; absent: 0. */
  readonly lag?: number
  /** Changes that no feed reports before the next listing, and why. */
  readonly blind?: { readonly [change in 'create' | 'update' | 'delete' | 'move']?: string }
  get?(call: Call<Api>, ref: Ref): Promise<Item | Tombstone>
  create?(call: Call<Api>, intent: Create): Promise<Made>
  /** What a create with this key made, or null: asked before a second try. */
  find?(call: Call<Api>, intent: Create): Promise<Made | null>
  update?(call: Call<Api>, intent: Update): Promise<Item | Unread>
  delete?(call: Call<Api>, intent: Delete): Promise<void>
  /** Instead of `delete`, where its children live on. It reads as `emptied` from then on. */
  empty?(call: Call<Api>, intent: Delete): Promise<Item | Unread>
  readonly batch?: Batch<Api>
}

/** How many requests a bucket lets through. */
export interface Limit {
  readonly requests: number
  readonly perSeconds: number
  readonly concurrent?: number
}

/** A file of an item, as a call needs to know it. */
export interface FileOf extends Place {
  readonly kind: string
  readonly file: FileValue
}

/** What an upload must bring about. `key` is the same for every try, and another one for every file. */
export interface Upload extends Pick<FileValue, 'name' | 'digest'> {
  readonly key: string
  /** The kind that it is for; its scope is the call's. */
  readonly kind: string
  readonly type: string
  readonly size: number
  /** Begins anew each time. */
  bytes(): Bytes
}

/** How a system hands out the bytes of files, and takes them. Absent: it does not. */
export interface Files<Api> {
  /** Throws `missing` where there is none any more, also where an address that the connector keeps has expired. */
  open?(call: Call<Api>, file: FileOf): Promise<Bytes>
  /**
   * Answers the value that an item shows once the write that follows has put it there. Where that ref is not known before,
   * the write's answer has to show what was stored.
   */
  upload?(call: Call<Api>, upload: Upload): Promise<FileValue>
  /** The largest file that it takes. */
  readonly mostBytes?: number
}

/** What a system tells of its people. Absent: nothing; they are known by the refs that items name. */
export interface People<Api> {
  /** Their refs are e-mails, and anybody can be named by theirs. */
  readonly areEmails?: true
  /**
   * Everybody whom items may name, in portions; also those who have left. Read anew every few hours, and for a ref that is
   * new.
   */
  list?(call: Call<Api>): AsyncIterable<readonly Person[]>
}

/** A thing to do, as far as its calls go. `ref` is null where the item is still to be made. */
export interface Undertaking {
  readonly do: 'create' | 'update' | 'delete' | 'empty' | 'get' | 'open' | 'upload'
  readonly kind: string
  readonly scope: Ref
  readonly ref: Ref | null
}

/** What stands in the way, and what a person can do about it. */
export interface Finding {
  readonly message: string
  readonly remedy: string
}

/** What `probe` found: whose credential it is, and what stands in the way of using it. */
export interface Standing {
  readonly actor: Person
  readonly problems: readonly Finding[]
}

/** What has to be set up in the system itself so that its feeds tell of changes. */
export interface Capture<Config, Api> {
  /** The statements that set it up, for people to read and to run themselves; again, they put right what is missing. */
  install(config: Config): readonly string[]
  /** Those that leave the system as it was. */
  remove(config: Config): readonly string[]
  check(api: Api): Promise<readonly Finding[]>
  /** Runs statements of `install` or `remove`: all of them, or none. */
  carry(api: Api, statements: readonly string[]): Promise<void>
}

export interface Unconfirmed {
  /** As a sentence. */
  readonly fact: string
  /** What a person can do where it is otherwise. */
  readonly remedy: string
}

/** The OAuth 2 client of a connection, from its configuration. */
export interface OAuthClient {
  /** As the system names itself where it says who answers a sign-in; absent: the origin of `authorizationUrl`. */
  readonly issuer?: string
  readonly tokenUrl: string
  readonly authorizationUrl: string
  /** Where a token is revoked (RFC 7009); absent: the system has no such place. */
  readonly revocationUrl?: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken?: string | undefined
  /** No more than the connector needs: all of them have to be given. */
  readonly scopes: readonly string[]
}

export type Kinds<Api> = { readonly [kind: string]: Kind<Api> }
export type Feeds<Api> = { readonly [feed: string]: Feed<Api> }

/** Data; or made of the configuration where that decides, as with the tables of a database. */
export type Declared<Config, Data> = Data | ((config: Config) => Data)

export interface Connector<Config = unknown, Api = unknown> {
  readonly name: string
  /** As people write it: "Google Chat". */
  readonly title: string
  /** Validates, documents and marks (`meta({ secret: true })`) each option of a connection. */
  readonly config: ZodType<Config>
  limits(config: Config): { readonly [bucket: string]: Limit }
  /**
   * Each call that something takes where nothing stands in its way, by what it draws on: the estimate of a plan. A batch
   * takes what one of its writes does.
   */
  calls(config: Config, undertaking: Undertaking): readonly Draws[]
  oauth?(config: Config): OAuthClient
  /** Makes no call. */
  connect(config: Config, runtime: Runtime): Api
  probe(api: Api): Promise<Standing>
  readonly kinds: Declared<Config, Kinds<Api>>
  readonly feeds: Declared<Config, Feeds<Api>>
  readonly files?: Files<Api>
  readonly people?: Declared<Config, People<Api>>
  readonly capture?: Capture<Config, Api>
  readonly layout?: Layout<Config, Api>
  readonly webhook?: Webhook
  /** Where nobody has to set webhooks up by hand. Their secret is handed in, and no person knows it. */
  readonly channels?: Channels<Api>
  /** What it relies on and nobody has confirmed, by the check of `lockstep probe` that shows it. */
  readonly unconfirmed?: { readonly [check: string]: Unconfirmed }
  /** The address of an item for people, where there is one. */
  link?(config: Config, kind: string, place: Place): string | null
}

/** A connector whose kinds and feeds are known. */
export interface FixedConnector<Config = unknown, Api = unknown> extends Connector<Config, Api> {
  readonly kinds: Kinds<Api>
  readonly feeds: Feeds<Api>
  readonly people?: People<Api>
}

/** Of any system: the types of its configuration and its api are its own affair. */
// oxlint-disable-next-line typescript/no-explicit-any -- existential types: each connector's Config and Api stay its own
export type AnyConnector = Connector<any, any>

/** As a connection has it and the engine holds it. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type Configured = FixedConnector<any, any>

/** With the kinds and feeds that a configuration, as the connector's own schema parsed it, gives it. */
export function configured(connector: AnyConnector, config: unknown): Configured {
  const { kinds, feeds, people, ...rest } = connector
  return {
    ...rest,
    kinds: typeof kinds === 'function' ? kinds(config) : kinds,
    feeds: typeof feeds === 'function' ? feeds(config) : feeds,
    ...(people === undefined ? {} : { people: typeof people === 'function' ? people(config) : people }),
  }
}

/** Whether its kinds and feeds are the same whatever a configuration says. */
export function isFixed(connector: AnyConnector): connector is Configured {
  return [connector.kinds, connector.feeds, connector.people].every((each) => typeof each !== 'function')
}

/** Checks a connector's declaration against its types, and hands it to the engine. */
export function defineConnector<Config, Api>(connector: FixedConnector<Config, Api>): FixedConnector<Config, Api>
export function defineConnector<Config, Api>(connector: Connector<Config, Api>): Connector<Config, Api>
export function defineConnector<Config, Api>(connector: Connector<Config, Api>): Connector<Config, Api> {
  return connector
}
