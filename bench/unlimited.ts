/**
 * Loaded before everything else in a measured process (`--import`): Google's quotas are facts that no configuration
 * lifts, and what is measured here is the engine. Changes the text of one source file as it is loaded.
 */
import { registerHooks } from 'node:module'

const FILE = '/src/connectors/google-chat/config.ts'
const FIND = /requests: \d+, perSeconds: 60/g

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith(FILE)) return loaded
    const { source } = loaded
    const text = source instanceof Uint8Array ? Buffer.from(source).toString('utf8') : source
    if (typeof text !== 'string' || !FIND.test(text)) throw new Error(`${FILE} names no quotas`)
    return { ...loaded, source: text.replace(FIND, 'requests: 1000000, perSeconds: 60') }
  },
})
