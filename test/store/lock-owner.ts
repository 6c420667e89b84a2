/** Owns the store that it is given, says so, and waits to be ended. */
import { acquire } from '../../src/store/lock.ts'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: lock-owner <store>')
console.log(acquire(path) === 'held' ? 'held' : 'owned')
setInterval(() => {}, 1 << 30)
