/** Serves PostgreSQL from memory at the path of a socket until whoever started this is gone. */
import { serve } from './server.ts'

const [path = ''] = process.argv.slice(2)
await serve(path)
process.stdin.on('end', () => process.exit(0)).resume()
console.log('ready')
