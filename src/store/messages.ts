/** What crosses between the driver and its worker: plain data. */
import { jsonText } from '../connector/json.ts'
import { StoreError, codeOf, isStoreErrorCode, messageOf } from './errors.ts'
import type { VerbCall, VerbResult } from './driver.ts'

export type Request =
  /** The calls as JSON: text crosses in a third of the time that objects take. */
  { readonly ask: 'run'; readonly id: number; readonly calls: string } | { readonly ask: 'close'; readonly id: number }

export type Reply =
  | { readonly reply: 'opened'; readonly migrated: number; readonly backup: string | null }
  | { readonly reply: 'refused'; readonly error: FlatError }
  | { readonly reply: 'ran'; readonly id: number; readonly results: string }
  | { readonly reply: 'failed'; readonly id: number; readonly error: FlatError }
  | { readonly reply: 'closed'; readonly id: number }

export type FlatResult =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly error: FlatError }

/** An error as data: of its class only the name and the code remain. */
export interface FlatError {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
  readonly stack: string | undefined
}

/** An input that is not plain data is the failure of its own call, not of those that go with it. */
export function textOf(calls: readonly VerbCall[]): string {
  try {
    return jsonText(calls)
  } catch {
    return `[${calls.map(textOfOne).join(',')}]`
  }
}

function textOfOne(call: VerbCall): string {
  try {
    return jsonText(call)
  } catch (error) {
    return jsonText({ verb: call.verb, input: null, unfit: messageOf(error) } satisfies VerbCall)
  }
}

export function callsIn(text: string): readonly VerbCall[] {
  const calls: readonly VerbCall[] = JSON.parse(text)
  return calls
}

/** Throws where an output is not plain data. */
export function textOfResults(results: readonly VerbResult[]): string {
  if (results.some((result) => result.ok && typeof result.output === 'function'))
    throw new TypeError('an output is not plain data')
  return JSON.stringify(results.map(flatten))
}

export function resultsIn(text: string): readonly VerbResult[] {
  const results: readonly FlatResult[] = JSON.parse(text)
  return results.map(revive)
}

function flatten(result: VerbResult): FlatResult {
  return result.ok ? { ok: true, output: result.output } : { ok: false, error: flatError(result.error) }
}

function revive(result: FlatResult): VerbResult {
  return result.ok ? result : { ok: false, error: revivedError(result.error) }
}

export function flatError(error: Error): FlatError {
  return { name: error.name, message: error.message, code: codeOf(error), stack: error.stack }
}

/** A StoreError is one again; any other error keeps its name, code, message and stack. */
export function revivedError(flat: FlatError): Error {
  const { name, message, code, stack } = flat
  const error =
    name === 'StoreError' && code !== undefined && isStoreErrorCode(code)
      ? new StoreError(code)
      : Object.assign(new Error(message), { name }, code === undefined ? {} : { code })
  error.message = message
  if (stack !== undefined) error.stack = stack
  return error
}
