/** The connector's functions, as tests call them. */
import assert from 'node:assert/strict'
import { ConnectorError, type Change, type Page } from '../../src/connector/index.ts'
import { googleChat } from '../../src/connectors/google-chat/index.ts'

const { message, thread, space } = googleChat.kinds
const feed = googleChat.feeds['chat']
assert(message?.get && message.create && message.find && message.update && message.delete && message.empty)
assert(thread?.get && thread.create && thread.find && space?.create && space.update && feed)

export const messages = {
  get: message.get,
  create: message.create,
  find: message.find,
  update: message.update,
  delete: message.delete,
  empty: message.empty,
}
export const threads = { get: thread.get, create: thread.create, find: thread.find }
export const spaces = { create: space.create, update: space.update }
export const { pull, list } = feed

export function changesOf(pages: readonly Page[]): readonly Change[] {
  return pages.flatMap((page) => page.changes)
}

export function failsWith(failure: string, words = /./): (error: unknown) => boolean {
  return (error) => error instanceof ConnectorError && error.failure === failure && words.test(error.message)
}
