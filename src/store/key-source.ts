/** Where the key comes from that secrets are sealed with. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from './durable.ts'
import { StoreError, codeOf, messageOf } from './errors.ts'

export type KeySource =
  /** The value of an environment variable: 64 hex digits, or 32 bytes in base64. */
  | { readonly from: 'environment'; readonly value: string }
  /** A file that only its owner can read. */
  | { readonly from: 'file'; readonly path: string }
  /** What a program prints; it is run without a shell. */
  | { readonly from: 'command'; readonly command: readonly [string, ...string[]] }

/**
 * The 32 bytes of the key. `fresh` is 32 random bytes: where the source is a file that does not exist, they become the
 * key and the file is made with them. Without `fresh` (the store already holds secrets) a missing file is an error.
 */
export function loadKey(source: KeySource, fresh?: Uint8Array): Buffer {
  if (source.from === 'environment') return parseKey(source.value)
  if (source.from === 'command') return parseKey(outputOf(source.command))
  const found = readKeyFile(source.path)
  if (found !== undefined) return found
  if (fresh !== undefined) createKeyFile(source.path, fresh)
  // Read even when it was made now: of two processes that make it at once, one wins.
  const made = readKeyFile(source.path)
  if (made === undefined) throw new StoreError('key-missing', source.path)
  return made
}

const MARKER = /\n\s*marker\s+([0-9a-f]{64})\s*$/i

/**
 * What markers are made with, where it is not the key itself: a line `marker <64 hex digits>` behind a key that was
 * rotated. Null: there is none.
 */
export function loadMarker(source: KeySource): Buffer | null {
  const text =
    source.from === 'file' ? readPrivate(source.path) : source.from === 'command' ? outputOf(source.command) : undefined
  const hex = text === undefined ? undefined : MARKER.exec(text)?.[1]
  return hex === undefined ? null : Buffer.from(hex, 'hex')
}

/** Reads 64 hex digits or 32 bytes in base64 or base64url, with or without padding and white space around. */
export function parseKey(text: string): Buffer {
  const bare = text.replace(MARKER, '').trim()
  if (/^[0-9a-f]{64}$/i.test(bare)) return Buffer.from(bare, 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(bare)) return Buffer.from(bare, 'base64')
  throw new StoreError('key-malformed')
}

/** Undefined where there is no such file. */
function readKeyFile(path: string): Buffer | undefined {
  const text = readPrivate(path)
  return text === undefined ? undefined : parseKey(text)
}

function readPrivate(path: string): string | undefined {
  let file
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new StoreError('key-unreadable', messageOf(error), error)
  }
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new StoreError('key-unreadable', `${path} is not a file`)
    // Windows has no such modes; every file there would look exposed.
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) throw new StoreError('key-exposed', path)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/** The file is there whole and private, or not at all; one that exists stays as it is. */
function createKeyFile(path: string, key: Uint8Array): void {
  const text = `${Buffer.from(key).toString('hex')}\n`
  parseKey(text)
  // A name of its own for every key: two processes, or one that was ended here before, are not in the way.
  const part = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}.part`
  try {
    writeFileSync(part, text, { flag: 'wx', mode: 0o600, flush: true })
    // Unlike a rename, a link never replaces a file.
    linkSync(part, path)
    syncFolder(dirname(path))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw new StoreError('key-unreadable', messageOf(error), error)
  } finally {
    rmSync(part, { force: true })
  }
}

/** Its output may be the key: no error repeats it. */
function outputOf([program, ...rest]: readonly [string, ...string[]]): string {
  try {
    return execFileSync(program, rest, { encoding: 'utf8', timeout: 30_000, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    const status = error instanceof Error && 'status' in error ? error.status : undefined
    const why = typeof status === 'number' ? `it ended with status ${status}` : (codeOf(error) ?? 'it did not run')
    throw new StoreError('key-unreadable', `${program}: ${why}`)
  }
}

/** Puts a rotated key beside the current one: it counts once the store is sealed with it (takeNextKey). */
export function writeNextKey(path: string, key: Uint8Array, marker: Uint8Array): void {
  const text = `${Buffer.from(key).toString('hex')}\nmarker ${Buffer.from(marker).toString('hex')}\n`
  const next = nextOf(path)
  rmSync(next, { force: true })
  writeFileSync(next, text, { flag: 'wx', mode: 0o600, flush: true })
  syncFolder(dirname(path))
}

/** The next key, where a rotation was interrupted; null: there is none. */
export function loadNextKey(source: KeySource): Buffer | null {
  return source.from === 'file' ? (readKeyFile(nextOf(source.path)) ?? null) : null
}

/** The old key stays beside it, as `old`: backups from before are sealed with it. */
export function takeNextKey(path: string, old: string): void {
  try {
    linkSync(path, old)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw new StoreError('key-unreadable', messageOf(error), error)
  }
  renameSync(nextOf(path), path)
  syncFolder(dirname(path))
}

export function dropNextKey(source: KeySource): void {
  if (source.from === 'file') rmSync(nextOf(source.path), { force: true })
}

function nextOf(path: string): string {
  return `${path}.next`
}
