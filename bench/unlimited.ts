/**
 * Loaded before everything else in a measured process (`--import`): Google's quotas are facts that no configuration
 * lifts, and what is measured here is the engine. Changes the text of the files that name them as they are loaded.
 */
import { registerHooks } from 'node:module'

const FILES = ['/src/connectors/google-chat/config.ts', '/src/connectors/google-calendar/config.ts']
const FIND = /requests: [\d_]+, perSeconds: 60/g

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const file = FILES.find((each) => url.endsWith(each))
    if (file === undefined) return loaded
    const { source } = loaded
    const text = source instanceof Uint8Array ? Buffer.from(source).toString('utf8') : source
    if (typeof text !== 'string' || text.search(FIND) < 0) throw new Error(`${file} names no quotas`)
    return { ...loaded, source: text.replace(FIND, 'requests: 1000000, perSeconds: 60') }
  },
})
