/** What a person can ask of an engine: the same whether this process owns the store or another one does. */
import type { Outcome } from '../conformance/checks.ts'
import type { Left } from '../conformance/own.ts'
import type { Person } from '../connector/call.ts'
import type { Standing, Unconfirmed } from '../connector/connector.ts'
import type { Values } from '../connector/values.ts'
import type { Side } from '../core/flow.ts'
import type { Shown } from '../engine/carry.ts'
import type { Estimate } from '../engine/estimate.ts'
import type { PreviewLine } from '../engine/preview.ts'
import type { Wanted } from '../engine/undo.ts'
import type { EngineEvent } from '../engine/world.ts'
import type { ConflictDetail, Divergence, Held } from '../core/state.ts'
import type { Given, LinkRow } from '../store/verbs/adoption.ts'
import type { Channel } from '../store/verbs/channels.ts'
import type { HistoryEntry, QueueEntry } from '../store/verbs/history.ts'
import type { PersonAt } from '../store/verbs/aliases.ts'
import type { PersonEntry } from '../store/verbs/people.ts'
import type { MatchCount } from '../store/verbs/matches.ts'
import type { Explanation } from '../store/verbs/report.ts'
import type { Scopes } from '../store/verbs/pausing.ts'
import type { InstanceProgress } from '../store/verbs/progress.ts'
import type { StatusReport } from '../store/verbs/status.ts'

export type Progress =
  | { readonly is: 'event'; readonly event: EngineEvent }
  | { readonly is: 'phase'; readonly phase: 'reading' | 'writing' }
  | {
      readonly is: 'count'
      readonly done: number
      readonly left: number
      readonly etaMs: number | null
      /** How long a limit keeps the next call waiting; null: none does. */
      readonly limitMs: number | null
    }
  | { readonly is: 'check'; readonly at: number; readonly of: number; readonly assumed: string }
  | { readonly is: 'removing' }

export type Say = (progress: Progress) => void

export interface ConnectionHealth {
  readonly id: string
  readonly title: string
  readonly connector: string
  /** A person signs in to it, by "lockstep connect". */
  readonly signsIn: boolean
  readonly state: 'ok' | 'dead' | 'unknown'
  readonly why: string
  readonly deadSince: number | null
  readonly webhooks: 'signed' | 'unsigned' | 'off'
  readonly lastWebhook: number | null
  /** Changes were found by polling, and no webhook told of them. */
  readonly webhookSilent: boolean
  /** Its system is asked for webhooks, by channels of the engine's own. */
  readonly opensChannels: boolean
  readonly polledAt: number | null
  readonly failingSince: number | null
  /** When the oldest of its scopes was last read whole. */
  readonly verifiedAt: number | null
  readonly listing: number
}

export type FlowHealth = StatusReport['flows'][number]

export interface Status {
  /** Whether a service keeps the two sides in step at this moment. */
  readonly running: boolean
  readonly verdict: Verdict
  /** What a person should know, most urgent first; the notes tell it in words. */
  readonly alerts: readonly Alert[]
  readonly notes: readonly string[]
  readonly flows: readonly FlowHealth[]
  readonly connections: readonly ConnectionHealth[]
  readonly inbox: number
  /** Of the latest changes that travelled: from the observation to the write being sent. */
  readonly latencyMs: { readonly count: number; readonly p50: number | null; readonly p99: number | null }
  readonly store: string
  readonly listeners: { readonly webhooks: string | null; readonly control: string | null }
}

export interface Alert {
  /** What it is about: the same while it lasts. */
  readonly id: string
  readonly message: string
  readonly since: number | null
}

export type Verdict = 'in step' | 'failed' | 'held' | 'brake' | 'not started' | 'syncing'

export interface Choice {
  readonly flow: string | null
}

export interface PlanReport {
  readonly lines: readonly PreviewLine[]
  readonly estimate: Estimate
  /** Of the flows whose first sync waits: what stands on both sides already. */
  readonly matches: readonly MatchCount[]
  /** Flows whose first sync waits for a person's yes. */
  readonly unapproved: readonly string[]
  /** Of what the first syncs among these flows would do: what a yes binds to. */
  readonly fingerprint: string
  /** How things stood when it was made. */
  readonly status: Status
}

export interface SyncRequest extends Choice {
  readonly item: string | null
  readonly full: boolean
  readonly approval: Approval
}

/** A person's word on what waits for it, as a first sync: none, yes to any plan, or yes to the plan with this fingerprint. */
export type Approval = null | 'ahead' | { readonly shown: string }

export interface SyncReport {
  readonly written: number
  readonly held: number
  readonly durationMs: number
  /** Set where a first sync waits to be approved, or its plan is no longer the approved one: nothing was written then. */
  readonly waits: PlanReport | null
  readonly status: Status
}

export interface Finding {
  readonly code: string
  /** 'connections.forum', 'flows.team.scopes[0][1]'. */
  readonly place: string
  readonly message: string
  readonly remedy: string
}

export interface CheckReport {
  readonly findings: readonly Finding[]
  readonly connections: readonly { readonly id: string; readonly actor: string | null }[]
}

export interface InstanceHealth extends InstanceProgress {
  readonly flow: string
  /** Of the two containers, as people call them. */
  readonly names: Scopes
}

export interface PauseRequest {
  readonly flow: string
  /** A container of the instance that is meant, by its ref or name; null: the flow as a whole. */
  readonly scope: string | null
  readonly paused: boolean
}

export interface PauseReport {
  /** Null: the flow as a whole. */
  readonly instance: InstanceHealth | null
  /** What is still paused after a flow or an instance of it was to go on. */
  readonly still: 'flow' | 'instances' | null
}

export interface ProbeRequest {
  readonly connection: string
  /** The ref of a container in which nothing else is. */
  readonly scope: string
  readonly approve: boolean
}

export interface ProbeReport {
  readonly connection: string
  readonly system: string
  readonly actor: string
  readonly scope: { readonly kind: string; readonly ref: string; readonly name: string }
  /** Null: nothing was tried yet. */
  readonly done: {
    readonly made: number
    readonly left: readonly (Left & { readonly link: string | null })[]
    readonly stopped: boolean
    readonly durationMs: number
  } | null
  readonly checks: readonly ProbeLine[]
}

export interface ProbeLine {
  readonly id: string
  readonly assumed: string
  /** What it means for the user where it is otherwise. */
  readonly means: string
  /** The fact that the connector's author could not confirm, if it is one, and what to do where it is otherwise. */
  readonly unconfirmed: Unconfirmed | null
  /** Null: it was not its turn. */
  readonly verdict: Outcome['verdict'] | null
  readonly seen: string
}

export interface Operations {
  status(): Promise<Status>
  plan(input: Choice, say: Say): Promise<PlanReport>
  sync(input: SyncRequest, say: Say): Promise<SyncReport>
  /** Does what a kept plan says, where that is still what would be done. */
  apply(input: ApplyRequest, say: Say): Promise<ApplyReport>
  explain(input: { readonly ref: string }): Promise<Explanation>
  /** What was done, the newest first. */
  history(input: Question): Promise<readonly HistoryLine[]>
  /** What is still to do, the oldest first. */
  queue(input: Question): Promise<readonly QueueLine[]>
  /** Takes actions back, once that is approved. */
  undo(input: UndoRequest, say: Say): Promise<UndoReport>
  held(input: Choice): Promise<readonly Held[]>
  decide(input: Decide): Promise<readonly Held[]>
  conflicts(input: { readonly all: boolean }): Promise<readonly ConflictDetail[]>
  resolve(input: { readonly id: number; readonly winner: Side | 'accept' }): Promise<ConflictDetail | null>
  divergences(): Promise<readonly Divergence[]>
  /** Everybody who was seen where a flow relates persons, and who they are elsewhere. */
  people(): Promise<readonly PersonEntry[]>
  /** Says that these are one. Answers how many items that concerns: they are planned again. */
  mapPeople(input: { readonly persons: readonly PersonAt[] }): Promise<number>
  /** Says that somebody is nobody elsewhere, whatever their e-mail. Answers the same. */
  unmapPerson(input: { readonly person: PersonAt }): Promise<number>
  /** Where systems were asked to send webhooks. */
  channels(): Promise<readonly Channel[]>
  /** Wants them renewed now, of a connection or of all. Answers how many. */
  renewChannels(input: { readonly connection: string | null }): Promise<number>
  /** Makes the calls that show whether connections and containers can be used. */
  check(): Promise<CheckReport>
  /** Tries what a connector relies on, in a scope of its own, once that is approved; removes what it made. */
  probe(input: ProbeRequest, say: Say): Promise<ProbeReport>
  /** Ends a probe early: what it made is removed all the same. */
  stopProbe(input: { readonly connection: string }): Promise<null>
  /** How far each pair of containers of a flow is. */
  instances(input: Choice): Promise<readonly InstanceHealth[]>
  /** Stops a flow for a while, or one instance of it, or lets it go on. What it reads meanwhile is not lost. */
  pauseFlow(input: PauseRequest): Promise<PauseReport>
  /** Lifts a flow's brake for a while, ahead of a bulk job; `forMs` null: it works again. What it holds goes. */
  liftBrake(input: { readonly flow: string; readonly forMs: number | null }): Promise<null>
  /** Wants what came before a flow's start as well, from an instant on; shown first, done once it is approved. */
  backfill(input: { readonly flow: string; readonly since: string; readonly approve: boolean }): Promise<BackfillReport>
  links(input: { readonly flow: string | null; readonly limit: number | null }): Promise<readonly LinkRow[]>
  /** Takes over pairs of items that another service had made. */
  giveLinks(input: { readonly links: readonly Given[] }): Promise<GivenReport>
  /** Hands everything of a flow that the configuration no longer names to one that it does. */
  adoptFlow(input: { readonly from: string; readonly to: string }): Promise<number>
  /** Forgets all that is known of such a flow. Nothing is deleted in either system. Answers how many links it had. */
  forgetFlow(input: { readonly flow: string }): Promise<number>
  /** Seals all secrets with a new key; `key` null: one is made. Answers the id of the new key. */
  rotateKey(input: { readonly key: string | null }): Promise<string>
  /** Begins to sign a person in; another one of the same connection is given up. */
  beginSignIn(input: SignInRequest): Promise<SignInBegun>
  /** Takes what came back to the redirect. What is not the answer to this sign-in is refused, and it waits on. */
  finishSignIn(input: { readonly id: string; readonly answer: string }): Promise<SignedIn>
  /** Answers once it is finished, wherever that was. */
  waitForSignIn(input: { readonly id: string }): Promise<SignedIn>
  /** Gives it up, where it is not finished. */
  endSignIn(input: { readonly id: string }): Promise<null>
  /** Revokes a connection's tokens at its system, then forgets them. Cursors and links stay. */
  signOut(input: { readonly connection: string; readonly hereOnly: boolean }): Promise<SignedOut>
}

export interface SignInRequest {
  readonly connection: string
  /** An address of this machine that the answer comes back to; null: the public address of the running service. */
  readonly redirect: string | null
  /** It may be another account than the connection worked as so far. */
  readonly anotherAccount: boolean
}

export interface SignInBegun {
  readonly id: string
  readonly connection: string
  readonly system: string
  /** What a person opens in a browser. */
  readonly open: string
  readonly redirect: string
  readonly scopes: readonly string[]
  /** As whom the connection worked so far; null: as nobody yet. */
  readonly account: Person | null
  /** Until when it waits. */
  readonly until: number
}

export interface SignedIn {
  readonly connection: string
  /** Null: the system could not be asked; `problems` say why. */
  readonly account: Person | null
  /** What stands in the way of using it. */
  readonly problems: Standing['problems']
}

export interface SignedOut {
  readonly connection: string
  /** False where that was not asked for, or nobody was signed in. */
  readonly revoked: boolean
  /** Channels that could not be closed, and end by themselves. */
  readonly channelsLeft: number
  /** Other connections with the same OAuth client, which some systems sign out as well where they are of the same user. */
  readonly alike: readonly string[]
  /** The configuration still gives a refresh token, which counts no more. */
  readonly configured: boolean
}

/** Which actions are meant; null: all. */
export interface Question extends Choice {
  /** A kind of either system, or a pair of kinds. */
  readonly kind: string | null
  /** Who wrote the item, by name or by ref. */
  readonly person: string | null
  readonly since: number | null
  readonly until: number | null
  readonly limit: number
}

export interface HistoryLine extends Omit<HistoryEntry, 'source'> {
  /** Where it was done. */
  readonly connection: string
  readonly kind: string
  readonly name: string
}

export interface QueueLine extends Omit<QueueEntry, 'values'> {
  readonly name: string
}

export interface Decide {
  readonly ids: readonly number[] | 'all'
  readonly decision: 'approved' | 'discarded' | 'retry'
}

export interface UndoRequest extends Choice, Wanted {
  readonly ids: readonly number[]
  readonly run: number | null
  readonly since: number | null
  readonly approval: Approval
}

export interface UndoLine {
  /** The journal entry, and what it was. */
  readonly action: number
  readonly undoes: string
  readonly flow: string
  readonly pair: string
  readonly do: 'create' | 'update' | 'delete' | 'empty' | 'unlink' | 'nothing'
  readonly side: Side
  readonly connection: string
  readonly kind: string
  readonly ref: string
  readonly name: string
  /** The fields that it changes, as they are and as they would be. */
  readonly before: Values | null
  readonly after: Values | null
  readonly hold: string | null
  readonly why: string
  /** It cannot be taken back, or not without being told to. */
  readonly refused?: boolean
}

export interface UndoReport {
  readonly lines: readonly UndoLine[]
  /** Of what is shown: what a yes binds to. */
  readonly fingerprint: string
  /** Null: nothing was done. `failed`: why it was not. */
  readonly done: readonly (UndoLine & { readonly failed: string | null })[] | null
  /** Since when the journal is whole; null: nothing of it was forgotten. */
  readonly begins: number | null
  /** It was asked for more than the journal holds. */
  readonly past: boolean
  readonly status: Status
}

/** A line of a plan that was kept: it binds to its fingerprint. */
export type KeptLine = Shown

export interface ApplyRequest {
  readonly lines: readonly KeptLine[]
  /** Of the whole plan, as it was made. */
  readonly fingerprint: string
}

export interface ApplyReport {
  readonly applied: readonly KeptLine[]
  /** What has moved, or did not go, each with the reason. */
  readonly refused: readonly { readonly line: KeptLine; readonly why: string }[]
  readonly status: Status
}

export interface BackfillReport {
  /** By pair of kinds and connection: what stood before the start, and has no counterpart. */
  readonly found: readonly {
    readonly pair: string
    readonly connection: string
    readonly kind: string
    readonly items: number
  }[]
  /** From when on the flow takes new items, as the configuration says; null: it takes all. */
  readonly start: string | null
  readonly done: boolean
}

export interface GivenReport {
  readonly linked: number
  /** Linked as soon as both are seen. */
  readonly waiting: number
  /** Those of which one is linked to something else. */
  readonly refused: readonly Given[]
}
