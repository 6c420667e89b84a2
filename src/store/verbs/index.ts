/** All verbs, by name: what a driver runs. */
import type { StoreOf } from '../group-commit.ts'
import { redone } from '../verb.ts'
import {
  approve,
  connectionActor,
  feedCursor,
  feedFailed,
  flowState,
  getMeta,
  getSecret,
  coverage,
  noteInStep,
  noteSettings,
  putSecret,
  setAnew,
  setConnection,
  setMeta,
  start,
} from './flows.ts'
import { dropGiven, giveLinks, givenLinks, linkRows } from './adoption.ts'
import { backfill } from './backfill.ts'
import { channels, dropChannel, hearChannel, putChannel, renewChannels } from './channels.ts'
import { files, keptBlobs, noteFile } from './files.ts'
import { history, queue } from './history.ts'
import { claimHints, isHinted, lookAt, receive, retryHint } from './inbox.ts'
import { authorsIn, children, item } from './items.ts'
import { conflicts, renewConflicts, resolveConflict } from './conflicts.ts'
import { adopt, linkedRefs, unlinked } from './contact.ts'
import { beginListing, listings, wantListing, wantRead } from './listings.ts'
import { goLive, instances, lostContainers, replan, replanOne } from './instances.ts'
import { keepLevels, levels } from './levels.ts'
import { listened, noteListening } from './listening.ts'
import { load } from './load.ts'
import { observe } from './observe.ts'
import { counts, decideHeld, divergences, explain, heldList, isBusy, journal } from './report.ts'
import { givePeople, mapPeople, notePeople, people, personFacts, strangers, unmapPerson } from './people.ts'
import { matches } from './matches.ts'
import { join, occupants } from './slots.ts'
import { liftBrake, pauseFlow, resumeFlow } from './pausing.ts'
import { progress } from './progress.ts'
import { purge } from './purge.ts'
import { adoptFlow, forgetFlow } from './renaming.ts'
import { restored } from './restored.ts'
import { reseal, secrets } from './secrets.ts'
import { settle } from './settle.ts'
import { backlog, status } from './status.ts'
import { areOfOtherFlows, haveKeysOfFlow, knownRefs } from './taken.ts'
import { successor, takeApart, takenAlong, undoable } from './undo.ts'
import { take } from './take.ts'
import { noteTurn, openIntents, ownSince } from './intents.ts'
import { begin, fail, finish } from './write.ts'

export const verbs = {
  adopt,
  adoptFlow,
  approve,
  areOfOtherFlows,
  authorsIn,
  backfill,
  backlog,
  begin,
  beginListing: redone(beginListing),
  channels,
  children,
  claimHints: redone(claimHints),
  conflicts,
  connectionActor,
  counts,
  decideHeld,
  divergences,
  dropChannel,
  dropGiven,
  explain,
  fail,
  feedCursor,
  feedFailed: redone(feedFailed),
  files,
  finish,
  flowState,
  forgetFlow,
  getMeta,
  getSecret,
  giveLinks,
  givePeople,
  givenLinks,
  goLive,
  hearChannel,
  heldList,
  history,
  instances,
  haveKeysOfFlow,
  isHinted,
  isBusy,
  coverage,
  item,
  join,
  journal,
  keepLevels: redone(keepLevels),
  keptBlobs,
  knownRefs,
  levels,
  liftBrake,
  linkRows,
  linkedRefs,
  listened,
  listings,
  load: redone(load),
  lookAt,
  lostContainers,
  mapPeople,
  matches,
  noteFile,
  noteInStep: redone(noteInStep),
  notePeople: redone(notePeople),
  noteListening: redone(noteListening),
  noteSettings,
  observe: redone(observe),
  occupants,
  noteTurn,
  openIntents,
  ownSince,
  pauseFlow,
  people,
  personFacts,
  progress,
  purge: redone(purge),
  putChannel,
  putSecret,
  queue,
  receive,
  renewConflicts: redone(renewConflicts),
  renewChannels,
  replan,
  replanOne,
  reseal,
  resolveConflict,
  resumeFlow,
  restored,
  retryHint: redone(retryHint),
  secrets,
  setAnew,
  setConnection,
  setMeta,
  settle: redone(settle),
  start,
  status,
  strangers,
  successor,
  takeApart,
  takenAlong,
  undoable,
  unmapPerson,
  take: redone(take),
  unlinked,
  wantListing: redone(wantListing),
  wantRead: redone(wantRead),
}

export type VerbName = keyof typeof verbs

export type StoreVerbs = {
  readonly [V in VerbName]: {
    readonly in: Parameters<(typeof verbs)[V]> extends [unknown, infer Input, ...unknown[]] ? Input : undefined
    readonly out: ReturnType<(typeof verbs)[V]>
  }
}

/** The store as the engine sees it: each verb is one transaction. */
export type Store = StoreOf<StoreVerbs>

export const VERB_NAMES: readonly string[] = Object.keys(verbs)
